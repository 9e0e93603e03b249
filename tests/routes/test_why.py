"""`Rule.why` of the rules about routes: every verdict in the cases has an account, and the account agrees with the check."""

from __future__ import annotations

from pathlib import Path

import pytest

from holdfast import rules
from holdfast.code.project import Project
from holdfast.code.source import Source
from holdfast.engine import config
from holdfast.routes import counting, endpoints, guards, limits, model
from holdfast.rule import Account, Options, Rule
from tests.rules import cases

NAMES = ("ratelimit-on-auth", "auth-on-route", "ineffective-ratelimit", "shared-ratelimit-storage")
ABOUT_ROUTES = NAMES[:2]
CASES = [case for case in cases.read_all() if case.rule in NAMES]
CONTROLS = {sign.name for sign in (*limits.SIGNS, *guards.SIGNS)}
MISSING = "no sign was found that it checks credentials"


def options_of(rule: Rule, folder: Path) -> Options:
    return config.options_of(rule, config.read_project(str(folder)))


def why(folder: Path, name: str, path: str, line: int) -> list[Account]:
    """The accounts of a rule for a line of a file, read anew."""
    rule = rules.load(name)
    source = Project(str(folder)).source(path)
    assert source
    assert rule.why
    return list(rule.why(source, options_of(rule, folder), line))


def on(folder: Path, name: str, path: str, text: str) -> Account:
    """The only account of a rule for the first line that contains a text."""
    lines = (folder / path).read_text("utf-8").splitlines()
    (account,) = why(folder, name, path, next(number for number, line in enumerate(lines, 1) if text in line))
    return account


def write(folder: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_every_finding_and_every_silent_route_has_an_account_that_agrees(case: cases.Case, tmp_path: Path) -> None:
    case.write(tmp_path)
    rule = rules.load(case.rule)
    assert rule.why
    options, project = options_of(rule, tmp_path), Project(str(tmp_path))
    reported = {(finding.path, finding.line) for finding in rule.check(project, options)}
    signs = {sign.name for sign in rule.signs}
    for path, line in reported:
        accounts = list(rule.why(project.source(path), options, line))
        assert [account for account in accounts if account.reported and account.decided_by in signs], (path, line, accounts)
    silencers = {silencer.name for silencer in rule.silencers}
    for route in model.of(project).all if case.rule in ABOUT_ROUTES else ():
        place = (route.place.source.path, route.place.line)
        accounts = list(rule.why(project.source(place[0]), options, place[1]))
        assert any(account.subject.startswith(f"`{route.label}`") for account in accounts)
        assert any(account.reported for account in accounts) == (place in reported)
        for account in accounts:
            known = signs if account.reported else silencers | CONTROLS
            assert account.decided_by in known or (not account.reported and account.because == MISSING)


def test_every_entry_of_the_tables_has_a_case(tmp_path: Path) -> None:
    """Each sign decides or is considered in a case of these rules, and each silencer wins in one."""
    seen: set[str] = set()
    for number, case in enumerate(CASES):
        folder = tmp_path / str(number)
        case.write(folder)
        project = Project(str(folder))
        for rule in map(rules.load, NAMES):
            for path in project.files:
                source = project.source(path)
                assert source
                seen |= names_in(rule, source, options_of(rule, folder))
    own = {sign.name for name in NAMES for sign in rules.load(name).signs}
    silencing = {silencer.name for name in NAMES for silencer in rules.load(name).silencers} - {"guarded", "limited"}
    sentences = {silencer.sentence for silencer in (*limits.SILENCERS, *guards.SILENCERS)}
    assert own | silencing | CONTROLS | sentences <= seen


def names_in(rule: Rule, source: Source, options: Options) -> set[str]:
    assert rule.why
    accounts = [account for line in range(1, len(source.lines) + 1) for account in rule.why(source, options, line)]
    reasons = [reason for account in accounts for reason in account.reasons]
    return {account.decided_by for account in accounts} | {name for reason in reasons for name in (reason.name, reason.why_not)}


def test_names_and_sentences_are_unique() -> None:
    for table in (endpoints.SIGNS, endpoints.ALL_SILENCERS, limits.SIGNS, limits.SILENCERS, guards.SIGNS, guards.SILENCERS):
        assert len({entry.name for entry in table}) == len(table)
        assert len({entry.sentence for entry in table}) == len(table)
    assert {sign.name for sign in counting.SIGNS} <= {sign.name for sign in limits.SIGNS}


SHOP = {
    "app.py": """
from fastapi import Depends, FastAPI
from shop.limits import slow
from vendor import logged

app = FastAPI()


@app.post("/login")
@logged
@slow
def login(form):
    return authenticate(form)


@app.post("/token")
def token(form, limit=Depends(check_rate_limit)):
    return authenticate(form)


@app.get("/orders")
def orders(user=Depends(get_user_or_none)):
    return user


def helper():
    return None
""",
    "shop/limits.py": "",
}


def test_a_finding_names_the_sign_and_what_was_not_found(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    account = on(tmp_path, "ratelimit-on-auth", "app.py", "def login")
    assert (account.reported, account.decided_by, account.subject) == (True, "checking-call", "`POST /login` (login)")
    assert account.because == "it checks credentials (it calls `authenticate`) and is not rate-limited"
    considered = {reason.sentence: reason.why_not for reason in account.reasons if reason.kind == "limit"}
    assert considered["decorator `slow`"] == "it was not found in the project, and may be a limit"
    assert "not named like a limit" in considered["decorator `logged`"]


@pytest.mark.parametrize("line", ['@app.post("/login")', "@slow", "def login"])
def test_decorators_and_the_def_lead_to_the_same_route(line: str, tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    account = on(tmp_path, "ratelimit-on-auth", "app.py", line)
    assert (account.subject, account.line, account.column) == ("`POST /login` (login)", 12, 1)


def test_a_line_without_a_route_has_no_account(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    lines = SHOP["app.py"].splitlines()
    for name in NAMES:
        for text in ("def helper", "    return authenticate(form)", "import Depends, FastAPI"):
            line = next(number for number, written in enumerate(lines, 1) if text in written)
            assert not why(tmp_path, name, "app.py", line)
        assert not list(rules.load(name).why(Source("app.py", SHOP["app.py"].encode()), rules.load(name).options(), 12))  # type: ignore[misc]


def test_a_limit_decides_by_its_own_sign(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    account = on(tmp_path, "ratelimit-on-auth", "app.py", "def token")
    assert (account.reported, account.decided_by, account.because) == (
        False,
        "limit-name",
        "it is rate-limited: `check_rate_limit`",
    )
    (limit,) = [reason for reason in account.reasons if reason.kind == "limit" and reason.counts]
    assert (limit.name, limit.path, limit.line) == ("limit-name", "app.py", 17)


def test_a_guard_that_lets_unknown_callers_in_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    account = on(tmp_path, "auth-on-route", "app.py", "def orders")
    assert (account.reported, account.decided_by) == (True, "no-authentication-check")
    (guard,) = [reason for reason in account.reasons if reason.name == "guard-name"]
    assert (guard.counts, guard.why_not) == (False, "its name says that unknown callers may pass")


def test_a_route_that_checks_no_credentials_says_what_is_missing(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    account = on(tmp_path, "ratelimit-on-auth", "app.py", "def orders")
    assert (account.reported, account.decided_by, account.because) == (False, "", MISSING)


DJANGO = {
    "shop/settings.py": 'ROOT_URLCONF = "shop.urls"\n',
    "shop/urls.py": """
from django.urls import path
from shop import views

urlpatterns = [
    path("delete/", views.Delete.as_view()),
    path("logout/", views.logout_login),
    path("both/", views.Both.as_view()),
]
""",
    "shop/views.py": """
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.utils.decorators import method_decorator
from django.views import View


class Delete(LoginView):
    pass


def logout_login(request):
    return None


class Both(View):
    @method_decorator(login_required)
    def get(self, request):
        return None

    def post(self, request):
        return authenticate(request)

    def password(self):
        return None
""",
}


def test_the_registration_leads_to_the_route(tmp_path: Path) -> None:
    write(tmp_path, DJANGO)
    account = on(tmp_path, "ratelimit-on-auth", "shop/urls.py", '"delete/"')
    assert (account.subject, account.line, account.column) == ("`GET,POST /delete/` (Delete)", 6, 5)
    (sign,) = [reason for reason in account.reasons if reason.name == "library-base-class"]
    assert (sign.kind, sign.path, sign.line) == ("hard sign", "shop/views.py", 8)


def test_a_hard_sign_does_not_yield_to_words(tmp_path: Path) -> None:
    """The name of a logout or a deletion does not silence a view that derives from a library's login."""
    write(tmp_path, DJANGO)
    write(tmp_path, {"shop/views.py": DJANGO["shop/views.py"].replace("Delete", "RemoveView")})
    write(tmp_path, {"shop/urls.py": DJANGO["shop/urls.py"].replace("Delete", "RemoveView")})
    account = on(tmp_path, "ratelimit-on-auth", "shop/views.py", "class RemoveView")
    assert (account.reported, account.decided_by) == (True, "library-base-class")
    (words,) = [reason for reason in account.reasons if reason.kind == "words"]
    assert (words.name, words.counts, words.why_not) == ("other-action", False, "a hard sign does not yield to words")


def test_a_guard_on_another_method_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, DJANGO)
    account = on(tmp_path, "auth-on-route", "shop/views.py", "class Both")
    guard = next(reason for reason in account.reasons if reason.sentence.startswith("`login_required`"))
    assert (guard.counts, guard.why_not) == (False, "it guards one method, and another method that takes data has no guard")


def test_options_are_quoted_with_their_reasons(tmp_path: Path) -> None:
    write(tmp_path, SHOP)
    write(
        tmp_path,
        {
            "pyproject.toml": """
[tool.holdfast.rules.ratelimit-on-auth]
limited-elsewhere = { "/login" = "nginx: limit_req" }
[tool.holdfast.rules.auth-on-route]
public = { "/orders" = "a demo" }
"""
        },
    )
    account = on(tmp_path, "ratelimit-on-auth", "app.py", "def login")
    assert (account.decided_by, account.because) == (
        "limited-elsewhere",
        "the option `limited-elsewhere` lists its path: nginx: limit_req",
    )
    account = on(tmp_path, "auth-on-route", "app.py", "def orders")
    assert (account.decided_by, account.because) == ("public", "the option `public` lists its path: a demo")


LIMITERS = {
    "app.py": """
from fastapi import FastAPI, Request
from slowapi import Limiter

limiter = Limiter(key_func=str, enabled=False)
shared = Limiter(key_func=str, storage_uri="redis://x")
app = FastAPI()


@limiter.limit("1/minute")
@app.post("/login")
def login(request: Request):
    return authenticate(request)


@app.post("/signin")
@limiter.limit("1/minute")
def signin(request: Request):
    return authenticate(request)
"""
}


def test_a_limit_without_effect_and_a_limit_with_effect(tmp_path: Path) -> None:
    write(tmp_path, LIMITERS)
    account = on(tmp_path, "ineffective-ratelimit", "app.py", "def login")
    assert (account.reported, account.decided_by, account.line) == (True, "above-route", 10)
    account = on(tmp_path, "ineffective-ratelimit", "app.py", "def signin")
    assert (account.reported, account.because) == (False, "no sign was found that it has no effect")


def test_a_limit_that_is_switched_off_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, LIMITERS)
    account = on(tmp_path, "ratelimit-on-auth", "app.py", "def signin")
    limit = next(reason for reason in account.reasons if reason.name == "limiter")
    assert (account.reported, limit.counts, limit.why_not) == (True, False, "it is off by default")
    assert "enabled=False" in limit.sentence


def test_a_limiter_in_memory_and_a_limiter_with_a_shared_storage(tmp_path: Path) -> None:
    write(tmp_path, LIMITERS)
    account = on(tmp_path, "shared-ratelimit-storage", "app.py", "limiter = ")
    assert (account.reported, account.decided_by) == (True, "no-storage")
    account = on(tmp_path, "shared-ratelimit-storage", "app.py", "shared = ")
    assert (account.reported, account.because) == (False, "no sign was found that it counts in memory")
