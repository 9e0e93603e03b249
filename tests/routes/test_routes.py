"""The route model: what `holdfast routes` prints, and rules that look at files which were not named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from holdfast.code.project import Project
from holdfast.commands.main import main
from holdfast.routes import model as routes
from tests.programs import holdfast, start

SHOP = {
    "shop/urls.py": """
from django.urls import include, path, re_path
from rest_framework.routers import DefaultRouter
from shop import views

router = DefaultRouter()
router.register("orders", views.Orders)
extra = [path("extra/", views.page)]
urlpatterns = [
    path("login/", views.Login.as_view()),
    path("api/", include(router.urls)),
    path("admin/", admin.site.urls),
    re_path(r"^old/(?P<number>[0-9]+)/$", views.page),
    *extra,
]
urlpatterns += [path("", include([path("late/", views.page)]))]
if settings.DEBUG:
    urlpatterns.append(path("debug/", views.page))
urlpatterns = [path("prefix/", include(urlpatterns)), *urlpatterns]
""",
    "shop/settings.py": """
ROOT_URLCONF = "shop.urls"
REST_FRAMEWORK = {
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": "5/minute"},
}
""",
    "shop/views.py": """
from rest_framework.decorators import action
from rest_framework.viewsets import ModelViewSet
from rest_framework_simplejwt.views import TokenObtainPairView


class Login(TokenObtainPairView):
    pass


class Orders(ModelViewSet):
    http_method_names = ["get", "post"]

    @action(detail=True, methods=["post"], url_path="pay-now")
    def pay(self, request, pk):
        return None


def page(request):
    return None
""",
}


SWITCHED = """
import os
from fastapi import FastAPI

app = FastAPI()
LIMIT_ENABLED = env.bool("LIMIT_ENABLED", default={default})

class RateLimitMiddleware:
    pass

if LIMIT_ENABLED:
    app.add_middleware(RateLimitMiddleware)

@app.post("/login")
def login(form):
    return authenticate(form)
"""


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def test_full_paths_and_methods(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    found = {(",".join(route.methods), route.path, route.condition) for route in routes.of(Project(str(tmp_path))).all}
    own = {
        ("POST", "/login/", ""),
        ("GET,POST", "/api/orders/", ""),
        ("GET", "/api/orders/<pk>/", ""),
        ("POST", "/api/orders/<pk>/pay-now/", ""),
        ("ANY", "/admin/*", ""),
        ("ANY", "/old/(?P<number>[0-9]+)/", ""),
        ("ANY", "/extra/", ""),
        ("ANY", "/late/", ""),
        ("ANY", "/debug/", "if settings.DEBUG"),
    }
    assert found == own | {(methods, f"/prefix{path}", condition) for methods, path, condition in own}


def test_the_same_answer_in_any_order_of_files(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    project = Project(str(tmp_path))
    backwards = Project(str(tmp_path))
    backwards.__dict__["files"] = project.files[::-1]
    assert [(route.methods, route.path) for route in routes.of(backwards).all] == [
        (route.methods, route.path) for route in routes.of(project).all
    ]


@pytest.mark.parametrize("style", ["text", "json", "markdown"])
def test_the_table(style: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, SHOP)
    assert main(["routes", str(tmp_path), "--format", style, "--auth-only"]) == 0
    out, err = capsys.readouterr()
    assert "/login/" in out
    assert "/late/" not in out
    assert "2 routes of 18 in 3 files" in err
    if style == "json":
        (row, _) = json.loads(out)["routes"]
        assert row["methods"] == ["POST"]
        assert (row["file"], row["line"], row["handler"]) == ("shop/views.py", 7, "Login")
        assert row["limit"] == {"what": "DEFAULT_THROTTLE_CLASSES", "file": "shop/settings.py", "line": 4}
        assert row["auth_endpoint"]["tier"] == "core"


def test_markdown_shows_a_hostile_path_as_text(tmp_path: Path) -> None:
    path = "/<img src=x onerror=alert(1)>/[a](https://x.invalid)|`b`"
    code = f"from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get({path!r})\ndef f(): ...\n"
    (tmp_path / "main.py").write_text(code, "utf-8")
    out = holdfast("routes", "--format", "markdown", cwd=tmp_path).stdout
    assert "&lt;img src=x onerror=alert(1)&gt;" in out
    assert r"\[a\](https://x.invalid)\|\`b\`" in out
    assert "<" not in out


def test_unlimited_and_public(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, SHOP)
    assert main(["routes", str(tmp_path), "--unlimited"]) == 0
    assert "/login/" not in capsys.readouterr().out
    assert main(["routes", str(tmp_path), "--public"]) == 0
    table = capsys.readouterr().out
    write(tmp_path, {"pyproject.toml": table})
    assert main(["check", "--select", "auth-on-route", str(tmp_path)]) == 0


def test_a_limit_behind_a_switch(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On by default it counts, and its condition is said; off by default it is named and does not count."""
    for default in ("True", "False"):
        app = SWITCHED.format(default=default)
        write(tmp_path, {"shop/app.py": app})
        assert main(["routes", str(tmp_path), "--format", "json"]) == 0
        (row,) = json.loads(capsys.readouterr().out)["routes"]
        main(["routes", str(tmp_path)])
        text = capsys.readouterr().out
        main(["routes", str(tmp_path), "--unlimited"])
        unlimited = capsys.readouterr().out
        place = {"what": "RateLimitMiddleware", "file": "shop/app.py", "line": 8}
        if default == "True":
            assert (row["limit"], row["limit_condition"], row["limit_off_by_default"]) == (place, "LIMIT_ENABLED", None)
            assert "RateLimitMiddleware (only if LIMIT_ENABLED)" in text
        else:
            off = {**place, "condition": "LIMIT_ENABLED"}
            assert (row["limit"], row["limit_condition"], row["limit_off_by_default"]) == (None, "", off)
            assert "- (RateLimitMiddleware only if LIMIT_ENABLED)" in text
        assert ("/login" in unlimited) == (default == "False")


def test_what_cannot_be_read_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {"app.py": "@app.route('/x')\ndef broken(:\n"})
    assert main(["routes", str(tmp_path)]) == 2
    assert "app.py:2" in capsys.readouterr().err
    assert main(["routes", str(tmp_path / "nowhere")]) == 2
    assert main(["check", "--select", "ratelimit-on-auth", str(tmp_path)]) == 2


def test_a_change_of_the_evidence_reports_the_view(tmp_path: Path) -> None:
    """Only the settings are staged, and the view that lose their limit is reported; one file named says what the whole run says."""
    write(tmp_path, SHOP)
    start("git", "init", "--quiet", cwd=tmp_path)
    start("git", "add", ".", cwd=tmp_path)
    start("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "--quiet", "--message", "x", cwd=tmp_path)
    check = ["check", "--select", "ratelimit-on-auth", "--root", str(tmp_path)]
    assert main([*check, str(tmp_path)]) == 0
    write(tmp_path, {"shop/settings.py": SHOP["shop/settings.py"].replace('"5/minute"', "None")})
    start("git", "add", "shop/settings.py", cwd=tmp_path)
    assert main([*check, str(tmp_path)]) == 1  # as the hook runs it: over the project, whatever is staged
    assert main([*check, str(tmp_path / "shop" / "views.py")]) == 1
    assert main([*check, str(tmp_path / "shop" / "urls.py")]) == 0  # the finding stands in the views


def test_options_that_match_nothing_are_errors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, SHOP)
    for rule, option in (
        ("ratelimit-on-auth", "not-auth"),
        ("ratelimit-on-auth", "limited-elsewhere"),
        ("auth-on-route", "public"),
    ):
        for table in ('{ "/nowhere" = "why" }', '{ "/login/" = " " }'):
            write(tmp_path, {"pyproject.toml": f"[tool.holdfast.rules.{rule}]\n{option} = {table}\n"})
            assert main(["check", "--select", rule, str(tmp_path)]) == 2
            assert option in capsys.readouterr().err


def test_files_that_git_does_not_track_are_counted(tmp_path: Path) -> None:
    start("git", "init", "--quiet", cwd=tmp_path)
    (tmp_path / "app.py").write_text('from fastapi import FastAPI\n\napp = FastAPI()\n\n\n@app.get("/x")\ndef x(): ...\n', "utf-8")
    before = holdfast("routes", cwd=tmp_path)
    assert (before.returncode, "app.py" in before.stdout) == (0, False)
    assert "note: left out 1 Python file not tracked by git (run `git add` first)" in before.stderr
    start("git", "add", "app.py", cwd=tmp_path)
    after = holdfast("routes", cwd=tmp_path)
    assert (after.returncode, "app.py:7" in after.stdout, "note" in after.stderr) == (0, True, False)
