"""An answer from the cache is the answer of a new run, whatever was edited in between."""

from __future__ import annotations

import json
import os
import random
import shutil
from pathlib import Path

import pytest

from holdfast import rules
from holdfast.code import answers as result_cache
from holdfast.engine import checks, report as reports, run as engine
from holdfast.engine.config import Config
from tests import programs
from tests.rules import cases

PROJECT = Config(select=("all",), scope="project")
VIEWS = "from django.contrib.auth import authenticate\n\n\ndef login(request):\n    return authenticate(request)\n"
LIMITED = VIEWS.replace("\n\n\n", "\nfrom django_ratelimit.decorators import ratelimit\n\n\n@ratelimit(key='ip', rate='5/m')\n")
URLS = "from django.urls import path\nfrom shop import views\n\nurlpatterns = [path('login/', views.login)]\n"
EDITS = (
    "\n",
    "\n# router = APIRouter()\n",
    "\n\n@app.post('/login')\ndef login(form):\n    return authenticate(form)\n",
    "\nREST_FRAMEWORK = {'DEFAULT_THROTTLE_CLASSES': []}\n",
    "\nlimiter = Limiter(app)\n",
    "\nMIDDLEWARE = ['axes.middleware.AxesMiddleware']\n",
)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a login, and a cache folder beside it."""
    monkeypatch.setenv("HOLDFAST_CACHE_DIR", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    (folder / "shop").mkdir(parents=True)
    for name, code in (("__init__", ""), ("views", VIEWS), ("urls", URLS), ("settings", "ROOT_URLCONF = 'shop.urls'\n")):
        (folder / f"shop/{name}.py").write_text(code, "utf-8")
    (folder / "shop/other.py").write_text("def add(x, y):\n    return x + y\n", "utf-8")
    return folder


def found(folder: Path, chosen: Config = PROJECT) -> reports.Report:
    return engine.run(chosen, str(folder), [str(folder)])


def anew(folder: Path) -> reports.Report:
    return found(folder, PROJECT.replace(cached=False))


def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The rules that run from now on."""
    ran: list[str] = []
    check = checks.check_project

    def counted(project: engine.Project, pair: checks.Chosen) -> checks.Outcome:  # type: ignore[name-defined]
        ran.append(pair[0].name)
        return check(project, pair)

    monkeypatch.setattr(checks, "check_project", counted)
    return ran


def age(folder: Path) -> None:
    """Make all files and answers look as if they had been written an hour ago."""
    for path in folder.parent.rglob("*"):
        changed = path.stat().st_mtime_ns - 3_600_000_000_000
        if path.suffix == ".py":
            os.utime(path, ns=(changed, changed))


def test_nothing_runs_again_where_nothing_was_touched(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    age(shop)
    first = found(shop)
    assert [finding.path for finding in first.findings if finding.rule == "ratelimit-on-auth"] == ["shop/views.py"]
    ran = judged(monkeypatch)
    assert found(shop) == first
    (shop / "shop/other.py").write_text("def add(x, y):\n    return y + x\n", "utf-8")
    assert found(shop) == first
    assert ran == []
    assert found(shop, PROJECT.replace(cached=False)) == first
    assert set(ran) == {name for name in rules.names() if rules.load(name).scope == "project"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("shop/views.py", LIMITED),
        ("shop/urls.py", "urlpatterns = []\n"),
        ("shop/settings.py", "MIDDLEWARE = ['axes.middleware.AxesMiddleware']\nINSTALLED_APPS = ['axes']\n"),
        ("shop/other.py", "from fastapi import APIRouter\nrouter = APIRouter()\n@router.post('/login')\ndef login(form): ...\n"),
        ("shop/added.py", "x = 1\n"),
        ("pyproject.toml", '[project]\nname = "shop"\n'),
    ],
)
def test_what_was_consulted_or_may_be_is_judged_anew(path: str, code: str, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    age(shop)
    found(shop)
    ran = judged(monkeypatch)
    (shop / path).write_text(code, "utf-8")
    assert found(shop).findings == anew(shop).findings
    assert len(ran) == 2 * len(set(ran))


def test_an_edit_that_keeps_time_and_size_is_seen(shop: Path) -> None:
    """As git says of its index: a file that changed right before it was looked at is not trusted."""
    views = shop / "shop/views.py"
    before = views.stat()
    assert len(found(shop).findings) == 1
    views.write_text(
        VIEWS.replace("login", "index").replace("authenticate(request)", "print_a_page(request)").replace("r\n", "r\n")
    )
    views.write_text(views.read_text("utf-8").ljust(before.st_size)[: before.st_size], "utf-8")
    os.utime(views, ns=(before.st_mtime_ns, before.st_mtime_ns))
    assert found(shop) == anew(shop)


def test_another_file_that_is_tracked_is_another_project(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many files as before, all of them unchanged: one is no evidence any more, another one is."""
    added = shop / "shop/added.py"
    added.write_text("from django.urls import path\nfrom shop.views import login\nurlpatterns = [path('enter/', login)]\n", "utf-8")
    programs.make_checkout(shop)
    programs.start("git", "rm", "--quiet", "--cached", "shop/added.py", cwd=shop)
    age(shop)
    found(shop)
    programs.start("git", "rm", "--quiet", "--cached", "shop/other.py", cwd=shop)
    programs.start("git", "add", "shop/added.py", cwd=shop)
    ran = judged(monkeypatch)
    assert found(shop) == anew(shop)
    assert len(ran) == 2 * len(set(ran))


def test_options_and_roots_have_answers_of_their_own(shop: Path) -> None:
    found(shop)
    excused = PROJECT.replace(rules={"ratelimit-on-auth": {"not-auth": {"/login/": "a page of the demo"}}})
    assert [finding.rule for finding in found(shop, excused).findings] == []
    moved = shop.parent / "moved"
    shutil.copytree(shop, moved)
    assert found(moved).root == str(moved)
    assert len(list((shop.parent / "cache").iterdir())) == 3


def test_errors_are_not_kept(shop: Path) -> None:
    (shop / "shop/settings.py").write_text("ROOT_URLCONF = (\n", "utf-8")
    assert found(shop).errors
    assert not (shop.parent / "cache").exists()
    assert repr(found(shop).errors) == repr(anew(shop).errors)


def test_a_broken_answer_is_none(shop: Path) -> None:
    first = found(shop)
    answer = next((shop.parent / "cache").iterdir())
    for text in ("", "[]", "{}", '{"files": {}}', '{"files": ', answer.read_text("utf-8")[:-20]):
        answer.write_text(text, "utf-8")
        assert found(shop) == first
    assert json.loads(answer.read_text("utf-8"))["findings"]


def test_without_a_folder_that_can_be_written_nothing_is_kept(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.parent / "file").write_text("", "utf-8")
    for folder in (str(shop.parent / "file/cache"), ""):
        monkeypatch.setenv("HOLDFAST_CACHE_DIR", folder)
        assert len(found(shop).findings) == 1


def test_old_answers_are_deleted_and_nothing_else(shop: Path) -> None:
    folder = shop.parent / "cache"
    folder.mkdir()
    own = [folder / f"holdfast-{'0' * 32}.json", folder / f"holdfast-{'1' * 32}.json.holdfast-17.tmp"]
    foreign = [folder / name for name in ("0.json", f"{'0' * 32}.json", "holdfast-notes.json", "package.json")]
    for path in (*own, *foreign):
        path.write_text("{}", "utf-8")
        os.utime(path, (0, 0))
    link = folder / f"holdfast-{'2' * 32}.json"
    link.symlink_to(foreign[0])
    os.utime(link, (0, 0), follow_symlinks=False)
    found(shop)
    assert not any(path.exists() for path in own)
    assert all(path.exists() for path in (*foreign, link))


def _answer(shop: Path) -> Path:
    (path,) = (shop.parent / "cache").iterdir()
    return path


def test_an_answer_with_a_wrong_type_counts_as_none(shop: Path) -> None:
    first = found(shop)
    whole = json.loads(_answer(shop).read_text("utf-8"))
    name = next(iter(whole["files"]))
    (finding,) = (one for group in whole["findings"] for one in group)
    wrong = [
        *({**whole, part: value} for part in whole for value in (None, 1.5, "x", [1], {"a": 1}, True)),
        *({**whole, "files": {**whole["files"], name: value}} for value in (None, 1, [], ["a"], [1, 2, 3, 4, 5, 6])),
        *({**whole, "findings": [[{**finding, field: []}]]} for field in ("path", "line", "message", "evidence", "span", "fix")),
        *({**whole, "findings": [[{**finding, field: None}]]} for field in ("path", "line", "message", "evidence", "span")),
        {**whole, "findings": [[{**finding, "unknown": 1}]]},
        {**whole, "findings": [[{**finding, "span": ["a", "b"]}]]},
    ]
    for kept in wrong:
        _answer(shop).write_text(json.dumps(kept), "utf-8")
        assert found(shop) == first, kept


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes on this platform")
def test_what_is_no_file_of_ours_is_neither_read_nor_written(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = found(shop)
    path, elsewhere = _answer(shop), shop.parent / "elsewhere.json"
    elsewhere.write_bytes(path.read_bytes().replace(b"auth", b"fake"))
    before = elsewhere.read_bytes()
    path.unlink()
    path.symlink_to(elsewhere)
    assert found(shop) == first
    assert (path.is_symlink(), elsewhere.read_bytes()) == (True, before)
    path.unlink()
    os.mkfifo(path)
    assert found(shop) == first
    path.unlink()
    found(shop)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert not result_cache._load(str(path))


def test_another_content_with_the_same_size_and_time_is_read(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after `git checkout` by a tool that restores times; the first run is long ago."""
    monkeypatch.setattr(result_cache, "RACY", -(10**18))
    views = shop / "shop/views.py"
    views.write_text(VIEWS.replace("return authenticate(request)", "return None".ljust(28)), "utf-8")
    times = (10**9, 10**9)
    os.utime(views, times)
    before = found(shop)
    views.write_text(VIEWS, "utf-8")
    os.utime(views, times)
    assert found(shop).findings == anew(shop).findings != before.findings


def test_the_command_keeps_answers_outside_the_project(shop: Path) -> None:
    before = sorted(shop.rglob("*"))
    for flags, kept in ((("--no-cache",), False), ((), True)):
        ran = programs.holdfast("check", "--scope", "project", "--select", "all", *flags, cwd=shop)
        assert (ran.returncode, "ratelimit-on-auth" in ran.stdout) == (1, True), ran.stderr
        assert (shop.parent / "cache").exists() == kept
    assert sorted(shop.rglob("*")) == before


@pytest.mark.parametrize("seed", range(8))
def test_random_edits(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cases of all project rules in one tree, edited again and again."""
    monkeypatch.setenv("HOLDFAST_CACHE_DIR", str(tmp_path / "cache"))
    chance = random.Random(seed)
    names = [name for name in rules.names() if rules.load(name).scope == "project"]
    chosen = chance.sample([case for case in cases.read_all() if case.rule in names and not case.has_configuration], 12)
    for case in chosen:
        case.write(tmp_path / "project")
    files = sorted((tmp_path / "project").rglob("*.py"))
    hits = 0
    load = result_cache._valid_states

    def counted(*arguments: object) -> object:
        nonlocal hits
        states = load(*arguments)  # type: ignore[arg-type]
        hits += bool(states)
        return states

    monkeypatch.setattr(result_cache, "_valid_states", counted)
    for _ in range(12):
        path = chance.choice(files)
        text = path.read_text("utf-8")
        path.write_text(chance.choice([text + chance.choice(EDITS), text[: len(text) // 2].rpartition("\n")[0], text]), "utf-8")
        fresh = anew(tmp_path / "project")
        for _ in range(2):
            now = found(tmp_path / "project")
            assert (now.findings, repr(now.errors)) == (fresh.findings, repr(fresh.errors)), path
    assert hits or fresh.errors
