"""The shapes of ineffective-ratelimit against the real libraries: two requests are allowed, four are sent, and the 200s counted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from holdfast.commands.main import main
from tests.programs import start

FASTAPI = """
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient
from slowapi import Limiter, _rate_limit_exceeded_handler
from slowapi.errors import RateLimitExceeded
from slowapi.middleware import SlowAPIMiddleware

app = FastAPI()
limiter = Limiter(key_func=lambda request: "all"{defaults})
app.state.limiter = limiter
app.add_exception_handler(RateLimitExceeded, _rate_limit_exceeded_handler)
{middleware}

{decorators}
def login(request: Request):
    return "ok"

client = TestClient(app)
print([client.post("/login").status_code for _ in range(4)].count(200))
"""
FLASK = """
from flask import Flask
from flask_limiter import Limiter

app = Flask(__name__)
limiter = Limiter(lambda: "all"{arguments})
{attach}

{decorators}
def login():
    return "ok"

client = app.test_client()
print([client.post("/login").status_code for _ in range(4)].count(200))
"""
DJANGO = """
import django
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"], DATABASES={{}}, INSTALLED_APPS=[], SILENCED_SYSTEM_CHECKS=["all"],
    CACHES={{"default": {{"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}}},
    REST_FRAMEWORK={{"DEFAULT_AUTHENTICATION_CLASSES": [], "UNAUTHENTICATED_USER": None, {rest}}},
)
django.setup()
from django.test import Client
from django_ratelimit.decorators import ratelimit
from rest_framework.response import Response
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle
from rest_framework.views import APIView

{view}

urlpatterns = [path("login", {name})]
client = Client(raise_request_exception=False)
print([client.post("/login").status_code for _ in range(4)].count(200))
"""
VIEW = """
@ratelimit(key="ip", rate="2/m"{arguments})
def login(request):
    return HttpResponse("ok")
"""
API_VIEW = """
class Login(APIView):
    throttle_classes = {classes}
    {scope}

    def post(self, request):
        return Response("ok")
"""
BELOW = '@app.post("/login")\n@limiter.limit("2/minute")'
ABOVE = '@limiter.limit("2/minute")\n@app.post("/login")'
ROUTE = '@app.post("/login")'
MIDDLEWARE = "app.add_middleware(SlowAPIMiddleware)"
DEFAULTS = ', default_limits=["2/minute"]'


def slowapi(decorators: str = ROUTE, defaults: str = "", middleware: str = "") -> str:
    return FASTAPI.format(decorators=decorators, defaults=defaults, middleware=middleware)


def flask(decorators: str = ROUTE, arguments: str = "", attach: str = "limiter.init_app(app)") -> str:
    return FLASK.format(decorators=decorators, arguments=arguments, attach=attach)


def view(arguments: str) -> str:
    return DJANGO.format(rest="", view=VIEW.format(arguments=arguments), name="login")


def api_view(classes: str, scope: str = "", rates: str = '{"anon": "2/m", "login": "2/m"}') -> str:
    rest = f'"DEFAULT_THROTTLE_RATES": {rates}'
    return DJANGO.format(rest=rest, view=API_VIEW.format(classes=classes, scope=scope), name="Login.as_view()")


SHAPES = {
    "slowapi below the route": (slowapi(BELOW), 2),
    "slowapi above the route": (slowapi(ABOVE), 4),
    "slowapi default limits with the middleware": (slowapi(defaults=DEFAULTS, middleware=MIDDLEWARE), 2),
    "slowapi default limits without the middleware": (slowapi(defaults=DEFAULTS), 4),
    "Flask-Limiter below the route": (flask(BELOW), 2),
    "Flask-Limiter above the route": (flask(ABOVE), 4),
    "Flask-Limiter attached": (flask(arguments=DEFAULTS), 2),
    "Flask-Limiter not attached": (flask(arguments=DEFAULTS, attach=""), 4),
    "django-ratelimit": (view(""), 2),
    "django-ratelimit block=False": (view(", block=False"), 4),
    "django-ratelimit method=GET": (view(', method="GET"'), 4),
    "ScopedRateThrottle with a scope": (api_view("[ScopedRateThrottle]", 'throttle_scope = "login"'), 2),
    "ScopedRateThrottle without a scope": (api_view("[ScopedRateThrottle]"), 4),
    "a rate": (api_view("[AnonRateThrottle]"), 2),
    "a rate of None": (api_view("[AnonRateThrottle]", rates='{"anon": None}'), 4),
}


def answered(folder: Path) -> str:
    ran = start(sys.executable, "shop.py", cwd=folder)
    return ran.stdout.strip() or ran.stderr


@pytest.mark.parametrize("shape", SHAPES)
def test_the_libraries_do_what_the_rule_says(shape: str, tmp_path: Path) -> None:
    code, number = SHAPES[shape]
    (tmp_path / "shop.py").write_text(code, "utf-8")
    assert answered(tmp_path) == str(number)


@pytest.mark.parametrize("shape", ["slowapi above the route", "Flask-Limiter above the route"])
def test_the_fix_makes_the_limit_work(shape: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--diff` shows and changes nothing; after `--fix` two of four requests are answered, and nothing is left to say."""
    code, _ = SHAPES[shape]
    (tmp_path / "shop.py").write_text(code, "utf-8")
    check = ["check", "--select", "ineffective-ratelimit", str(tmp_path)]
    assert main([*check, "--diff"]) == 1
    assert '+@app.post("/login")' in capsys.readouterr().out
    assert answered(tmp_path) == "4"
    assert main([*check, "--fix"]) == 0
    assert answered(tmp_path) == "2"


@pytest.mark.parametrize(
    ("decorators", "parameter", "status"),
    [
        (ABOVE, "request: dict", "200"),
        (BELOW, "request: dict", "500"),
        (BELOW, "request: Request", "200"),
    ],
)
def test_why_slowapi_needs_the_request(decorators: str, parameter: str, status: str, tmp_path: Path) -> None:
    """A body that is called `request`: below the route, slowapi fails where the endpoint worked before."""
    code = slowapi(decorators).replace("request: Request", parameter).replace("(app)", "(app, raise_server_exceptions=False)")
    asked = code.replace('client.post("/login")', 'client.post("/login", json={})')
    (tmp_path / "shop.py").write_text(asked.replace(".count(200)", "[0]"), "utf-8")
    assert answered(tmp_path) == status
