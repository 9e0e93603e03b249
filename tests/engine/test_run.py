"""Roots, selection, discovery, processes, exemptions: the parts that every host shares."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings, strategies as st

from holdfast import rules
from holdfast.code import discovery
from holdfast.code.project import Project
from holdfast.code.source import Source
from holdfast.engine import checks, config, report as reports, run as engine
from holdfast.engine.projects import Projects
from holdfast.formats import text
from holdfast.formats.json import write as write_json
from holdfast.record import Record
from holdfast.rule import CheckError, Finding, Options, Rule
from tests.programs import ROOT, holdfast, make_checkout, start

NO_PRINT = rules.load("no-print")


def write(folder: Path, **files: str) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_py", ".py").replace("_toml", ".toml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")


def places(folder: Path, *arguments: str) -> list[str]:
    ran = holdfast("check", *arguments, cwd=folder)
    assert ran.returncode < 2, ran.stderr
    return [line.split(": ")[0] for line in ran.stdout.splitlines()]


# -- root, configuration, selection


def test_a_file_belongs_to_the_nearest_configured_folder_in_its_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def root_of(path: str) -> str:
        return os.path.relpath(Projects(config.read_project).root_of(str(tmp_path / path)), tmp_path)

    write(tmp_path, app__shop__a_py="print()\n", app__shop__b_py="print()\n", other_py="print()\n")
    assert root_of("app/shop/a.py") == "app/shop"  # outside of a checkout and of the working directory
    monkeypatch.chdir(tmp_path)
    assert root_of("app/shop/a.py") == "."
    write(tmp_path, pyproject_toml="[tool.holdfast]\n")
    make_checkout(tmp_path / "app")
    monkeypatch.chdir(tmp_path / "app" / "shop")
    assert (root_of("app/shop/a.py"), root_of("other.py")) == ("app", ".")
    write(tmp_path, app__shop__holdfast_toml="")
    assert (root_of("app/shop/a.py"), root_of("app"), root_of("app/shop")) == ("app/shop", "app", "app/shop")
    (tmp_path / "app/shop/holdfast.toml").unlink()
    write(tmp_path, app__shop__pyproject_toml="[tool.other]\nname = 'holdfast'\n")
    assert root_of("app/shop/a.py") == "app"


def test_text_paths_open_from_the_working_directory_and_json_paths_from_the_root(tmp_path: Path) -> None:
    write(tmp_path, pyproject_toml="[tool.holdfast]\n", shop__a_py="print()\n")
    assert places(tmp_path / "shop") == ["a.py:1:1"]
    assert places(tmp_path, "shop/a.py") == ["shop/a.py:1:1"]
    document = json.loads(holdfast("check", "--format", "json", cwd=tmp_path / "shop").stdout)
    assert [finding["path"] for finding in document["findings"]] == ["shop/a.py"]


def test_select_ignore_exclude_and_per_path_ignores(tmp_path: Path) -> None:
    code = "print()\ndef verify(otp, x):\n    return otp == x\n"
    write(tmp_path, a_py=code, legacy__b_py=code, vendor__c_py=code)
    table = '[tool.holdfast]\nexclude = ["vendor/"]\nper-path-ignores = {"legacy/**" = ["no-print"]}\n'
    write(tmp_path, pyproject_toml=table)
    assert places(tmp_path) == ["a.py:1:1", "a.py:3:12", "legacy/b.py:3:12"]
    assert places(tmp_path, "--select", "no-print") == ["a.py:1:1"]
    assert places(tmp_path, "--ignore", "no-print", "vendor/c.py") == []
    assert "1 file excluded" in holdfast("check", "vendor/c.py", cwd=tmp_path).stderr
    write(tmp_path, pyproject_toml=table + 'select = ["constant-time-compare"]\n')
    assert places(tmp_path) == ["a.py:3:12", "legacy/b.py:3:12"]
    assert places(tmp_path, "--select", "all") == ["a.py:1:1", "a.py:3:12", "legacy/b.py:3:12"]
    assert places(tmp_path, "--select", "all", "--scope", "project") == []


def test_fail_on_decides_the_exit_code(tmp_path: Path) -> None:
    write(tmp_path, a_py="print()\n")
    assert holdfast("check", cwd=tmp_path).returncode == 1
    assert holdfast("check", "--fail-on", "error", cwd=tmp_path).returncode == 0
    write(tmp_path, pyproject_toml='[tool.holdfast]\nfail-on = "error"\n')
    assert holdfast("check", cwd=tmp_path).returncode == 0
    note = Finding(path="a.py", line=1, column=1, end_line=1, end_column=2, message="m", level="note")
    assert reports.Report(root="/", findings=(note,)).exit_code("warning") == 0


def test_statistics_output_file_show_all_and_options(tmp_path: Path) -> None:
    write(tmp_path, a_py="print()\nprint()\nprint()  # holdfast: ignore[no-print] the banner\n", tests__test_a_py="print()\n")
    assert holdfast("check", "--statistics", cwd=tmp_path).stdout == "2  HF301  no-print\n"
    assert "a.py:3:1: `print` in application code bypasses logging [no-print] (exempt: the banner)" in (
        holdfast("check", "--show-all", cwd=tmp_path).stdout
    )
    ran = holdfast("check", "--format", "json", "--output", "report.json", cwd=tmp_path)
    assert ran.stdout == ""
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["summary"]["exempt"] == 1
    assert "tests/test_a.py:1:1" in places(tmp_path, "--option", "no-print.tests=false")


def test_rules_and_explain_and_version(tmp_path: Path) -> None:
    listed = holdfast("rules", cwd=tmp_path).stdout
    assert [line.split()[0] for line in listed.splitlines()[1:]] == [rule.code for rule in rules.every()]
    for rule in rules.every():
        assert f"# {rule.name} ({rule.code})" in holdfast("explain", rule.name, cwd=tmp_path).stdout
    assert holdfast("--version", cwd=tmp_path).stdout.startswith("holdfast 0.")
    assert "exit codes" in holdfast("check", "--help", cwd=tmp_path).stdout


# -- discovery


def test_a_checkout_has_tracked_and_untracked_files_but_no_ignored_ones(tmp_path: Path) -> None:
    write(tmp_path, tracked_py="print()\n", ignored__a_py="print()\n", deleted_py="print()\n")
    (tmp_path / ".gitignore").write_text("ignored/\n", "utf-8")
    make_checkout(tmp_path)
    write(tmp_path, untracked_py="print()\n")
    (tmp_path / "deleted.py").unlink()
    assert places(tmp_path) == ["tracked.py:1:1", "untracked.py:1:1"]
    assert places(tmp_path, "ignored") == ["ignored/a.py:1:1"]
    assert Project(str(tmp_path)).files == ("tracked.py",)


def test_outside_a_checkout_the_usual_folders_are_skipped(tmp_path: Path) -> None:
    write(tmp_path, a_py="print()\n", node_modules__b_py="print()\n", env__c_py="print()\n", shop__venv__d_py="print()\n")
    (tmp_path / "env" / "pyvenv.cfg").touch()
    write(tmp_path, env__bin__python="")
    assert places(tmp_path) == ["a.py:1:1"]
    vendored = ("--option", "no-print.vendored=false")
    assert places(tmp_path, "node_modules", *vendored) == ["node_modules/b.py:1:1"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no executable bit")
def test_what_counts_as_python_is_what_identify_says(tmp_path: Path) -> None:
    for name in ("a.py", "b.pyi", "c.wsgi", "d.txt", "wscript", "script", "plain", "other.sh"):
        (tmp_path / name).write_text("#!/usr/bin/env python3\nnew_hmac(x) == y\n", "utf-8")
    for name in ("script", "other.sh"):
        (tmp_path / name).chmod(0o755)
    found = {place.split(":")[0] for place in places(tmp_path)}
    assert found == {"a.py", "b.pyi", "c.wsgi", "wscript", "script"}


@pytest.mark.parametrize("program", ["no git at all", "a git that fails"])
def test_without_git_everything_is_checked_and_said(tmp_path: Path, program: str) -> None:
    write(tmp_path, shop__a_py="print()\n")
    make_checkout(tmp_path)
    path = tmp_path / "bin"
    path.mkdir()
    (path / "python3").symlink_to(sys.executable)
    if program == "a git that fails":
        (path / "git").write_text("#!/bin/sh\necho 'fatal: dubious ownership' >&2\nexit 128\n", "utf-8")
        (path / "git").chmod(0o755)
    ran = holdfast("check", "shop", cwd=tmp_path, env={"PATH": str(path)})
    assert ran.stdout.startswith("shop/a.py:1:1")
    assert "git could not list the files" in ran.stderr


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("vendor", "a/vendor/b.py", True),
        ("vendor/", "vendor/b.py", True),
        ("a/vendor", "b/a/vendor/c.py", False),
        ("*.py", "a/b.py", True),
        ("a/*.py", "a/b/c.py", False),
        ("a/**/*.py", "a/b/c.py", True),
        ("a/**", "a/b/c.py", True),
        ("/b.py", "a/b.py", False),
        ("test_?.py", "test_1.py", True),
        ("[ab].py", "c.py", False),
        ("[!ab].py", "c.py", True),
        ("a.py", "axpy", False),
        ("[[]x].py", "[x].py", True),
        ("[a&&b]", "&", True),
        ("[|~!]", "!", True),
    ],
)
def test_globs_read_like_gitignore(glob: str, path: str, fits: bool) -> None:
    assert discovery.matches(path, (glob,)) == fits


@pytest.mark.parametrize("glob", ["[z-a].py", "[!]"])
def test_a_glob_that_is_none_is_an_error(glob: str, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text(f'[tool.holdfast]\nexclude = ["{glob}"]\n')
    ran = holdfast("check", cwd=tmp_path)
    assert ran.returncode == 2
    assert f'holdfast: error: "{glob}" is not a valid glob' in ran.stderr


# -- the pipeline


def test_several_processes_and_one_say_the_same(tmp_path: Path) -> None:
    for number in range(60):
        write(tmp_path, **{f"m{number}_py": "x = 'long enough to be worth a process'\n" * 900 + "print()\n"})
    one = engine.run(config.Config(), str(tmp_path), [str(tmp_path)], jobs=1)
    several = engine.run(config.Config(), str(tmp_path), [str(tmp_path)], jobs=3)
    assert one == several
    assert len(one.findings) == 60


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    write(tmp_path, a_py="print()\n", b_py="print()\nprint(\n", c_py="print()\n")
    paths = [str(tmp_path / name) for name in ("a.py", "b.py", "c.py")]
    forward, backward = (engine.run(config.Config(), str(tmp_path), given) for given in (paths, paths[::-1]))
    assert forward.findings == backward.findings
    assert [str(error) for error in forward.errors] == [str(error) for error in backward.errors] != []


def broken(_source: Source, _options: Options) -> list[Finding]:
    raise ZeroDivisionError("oops")


def test_a_rule_that_crashes_hides_nothing_else() -> None:
    bad = Rule(name="a-bad-rule", code="HF999", summary="s", since="0", level="error", check=broken)
    outcome = checks.check_source(Source("a.py", b"print()\n"), [(bad, Options()), (NO_PRINT, NO_PRINT.options())])
    assert [finding.rule for finding in outcome.findings] == ["no-print"]
    (error,) = outcome.errors
    assert (error.kind, "a-bad-rule failed" in error.message, "test_run.py" in error.message) == ("internal", True, True)


def views(project: Project, _options: Options) -> list[Finding]:
    """A project rule: whatever settings.py does, the views are where it shows."""
    found = []
    for source in project.mentioning(b"def view"):
        found += [source.finding(node, "a view") for node in source.tree.body]
    return found


def test_a_project_rule_reports_in_the_files_that_were_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, a_py="def view(): pass\n", b_py="def view(): pass  # holdfast: ignore[no-print] old\n", settings_py="")
    rule = NO_PRINT.replace(check=views, scope="project")
    monkeypatch.setattr(config, "selected", lambda _: (rule,))
    whole = engine.run(config.Config(), str(tmp_path), [str(tmp_path)])
    assert [(finding.path, finding.status) for finding in whole.findings] == [("a.py", "new"), ("b.py", "exempt")]
    one = engine.run(config.Config(), str(tmp_path), [str(tmp_path / "a.py")])
    assert one.findings == whole.findings[:1]


def test_json_fits_its_schema_also_with_errors(tmp_path: Path) -> None:
    schema = json.loads((ROOT / "docs/report.schema.json").read_text("utf-8"))
    write(tmp_path, a_py="import hmac\nx = hmac.new(k).digest()\nx == y\nprint()  # holdfast: ignore[no-print]\n", b_py="print(\n")
    ran = holdfast("check", "--format", "json", "--show-all", cwd=tmp_path)
    document = json.loads(ran.stdout)
    jsonschema.validate(document, schema)
    assert ran.returncode == 2
    assert [(error["path"], error["kind"]) for error in document["errors"]] == [("b.py", "syntax")]
    assert document["findings"][0]["evidence"] == [{"message": "hmac.new(...)", "path": "a.py", "line": 2, "column": 5}]
    declared = set(schema["$defs"]["finding"]["required"])
    assert declared == set(document["findings"][0]) == set(schema["$defs"]["finding"]["properties"])


FIX = "import hmac\n\n\ndef verify(key, body, mac: bytes):\n    return hmac.new(key, body).digest() == mac\n"


def test_diff_shows_and_fix_writes(tmp_path: Path) -> None:
    write(tmp_path, a_py=FIX, b_py="print()\n", c_py=FIX.replace(": bytes", ""))
    (tmp_path / "a.py").chmod(0o755)
    shown = holdfast("check", "--diff", cwd=tmp_path)
    assert (shown.returncode, "+    return hmac.compare_digest(hmac.new(key, body).digest(), mac)" in shown.stdout) == (1, True)
    assert (tmp_path / "a.py").read_text("utf-8") == FIX
    ran = holdfast("check", "--fix", cwd=tmp_path)
    assert "fixed 1 of 3 findings in 1 file" in ran.stderr
    assert [line.split(": ")[0] for line in ran.stdout.splitlines()] == ["b.py:1:1", "c.py:5:12"]
    assert "hmac.compare_digest(hmac" in (tmp_path / "a.py").read_text("utf-8")
    assert os.access(tmp_path / "a.py", os.X_OK) or sys.platform == "win32"
    assert sorted(os.listdir(tmp_path)) == ["a.py", "b.py", "c.py"]
    assert holdfast("check", "--fix", "a.py", cwd=tmp_path).returncode == 0
    assert "standard input" in holdfast("check", "-", "--fix", "--stdin-filename", "a.py", cwd=tmp_path, given=b"").stderr


def test_diff_also_says_what_could_not_be_checked(tmp_path: Path) -> None:
    write(tmp_path, a_py=FIX, b_py="print(\n")
    ran = holdfast("check", "--diff", cwd=tmp_path)
    assert (ran.returncode, "b.py:1: cannot be parsed" in ran.stderr, "+    return hmac.compare" in ran.stdout) == (2, True, True)


def test_a_file_that_cannot_be_rewritten_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from holdfast import files
    from holdfast.commands import main as command

    def fails(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    write(tmp_path, a_py=FIX)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(files, "write", fails)
    assert command.main(["check", "--fix", "a.py"]) == 2
    assert "a.py: cannot write the fixed file: Permission denied" in capsys.readouterr().err
    assert (tmp_path / "a.py").read_text("utf-8") == FIX


def test_libcst_is_imported_only_to_fix(tmp_path: Path) -> None:
    write(tmp_path, a_py=FIX)
    code = "import sys; from holdfast.commands.main import main; main(sys.argv[1:]); print('libcst' in sys.modules)"
    loaded = [
        start(sys.executable, "-c", code, "check", "a.py", *flags, cwd=tmp_path).stdout.splitlines()[-1]
        for flags in ((), ("--diff",))
    ]
    assert loaded == ["False", "True"]


def test_a_terminal_also_gets_the_code_and_the_hint() -> None:
    source = Source("a.py", "import hmac\ndef f(k, x):\n\treturn hmac.new(b'canary', x) == 'ä' + x\n".encode())
    rule = rules.load("constant-time-compare")
    outcome = checks.check_source(source, [(rule, rule.options())])
    shown = text.write(reports.Report(root="/", findings=outcome.findings), frames=True)
    assert '3 |     return hmac.new("…", x) == "…" + x\n' in shown
    assert "hint: use hmac.compare_digest" in shown
    assert "canary" not in shown + write_json(reports.Report(root="/", findings=outcome.findings))


# -- exemptions and identity

STATEMENTS = st.sampled_from(
    [
        "print(1)",
        "x = [\n    print(2),\n    3,\n]",
        "if print(3):\n    pass",
        "@f(print(4))\ndef g(\n    a=print(5),\n):\n    print(6)",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=6), st.data())
def test_a_comment_exempts_its_statement_and_no_other(statements: list[str], data: st.DataObject) -> None:
    chosen = [(NO_PRINT, NO_PRINT.options())]
    code = "\n".join(statements) + "\n"
    before = checks.check_source(Source("a.py", code.encode()), chosen).findings
    finding = data.draw(st.sampled_from(before))
    lines = code.split("\n")
    line = data.draw(st.integers(*finding.span))
    lines[line - 1] += "  # holdfast: ignore[no-print] a reason"
    after = checks.check_source(Source("a.py", "\n".join(lines).encode()), chosen).findings
    assert [found.line for found in after if found.status == "exempt"] == [
        found.line for found in before if found.span[0] <= line <= found.span[1]
    ]
    assert [found.rule for found in after] == ["no-print"] * len(before)


@settings(max_examples=40, deadline=None)
@given(st.lists(STATEMENTS, min_size=1, max_size=6), st.integers(0, 5), st.booleans())
def test_a_fingerprint_survives_moved_lines(statements: list[str], blank: int, indent: bool) -> None:
    chosen = [(NO_PRINT, NO_PRINT.options())]
    code = "\n".join(statements) + "\n"
    moved = "# comment\n" * blank + ("if x:\n" + "".join(f"  {line}\n" for line in code.splitlines()) if indent else code)
    before, after = (
        reports.numbered(list(checks.check_source(Source("a.py", text.encode()), chosen).findings)) for text in (code, moved)
    )
    assert [found.fingerprint for found in before] == [found.fingerprint for found in after]
    assert len({found.fingerprint for found in before}) == len(before)


def test_stored_identities_are_the_same_for_every_python() -> None:
    """What goes into baselines must not depend on the interpreter; these were stored with Python 3.11."""
    code = (
        "def f(x, *, y: int = 1) -> None:\n    @d\n    async def g(): print(f'{x!r:>{y}} a', b'\\x00', 1.5, 2j, ..., not x, -1)\n"
    )
    code += "class A(B, metaclass=C):\n    z = print({1: [x for x in y if x], **w}, lambda a, /, *b: a[1:2])\n"
    code += "with open(print()) as f, (yield_ := x): pass\n"
    code += "(total): int = print('\u2ffc', f'{x:}{x=}' 'a')\ndel (a[print()], b), [c]\n"
    outcome = checks.check_source(Source("a.py", code.encode()), [(NO_PRINT, NO_PRINT.options())])
    assert [found.statement for found in outcome.findings] == STORED


STORED = [
    "58aa19711659e9473a2f66b1bfdda00f",
    "efa7594f3b8856be75c8f4c3591361ac",
    "221658b6a5d0a1d8a0ff80d83a9494d2",
    "774b21f6c3260f3e31cfca117c4ec27a",
    "63dc005b6dd4411968b1e0d1ba607d68",
]


def test_records_are_frozen_values() -> None:
    class Point(Record):
        x: int
        y: int = 0

    assert Point(x=1) == Point(x=1, y=0) != Point(x=2)
    assert {Point(x=1), Point(x=1)} == {Point(x=1)}
    assert repr(Point(x=1).replace(y=2)) == "Point(x=1, y=2)"
    with pytest.raises(AttributeError, match="frozen"):
        Point(x=1).x = 2  # type: ignore[misc]
    with pytest.raises(TypeError, match="needs x"):
        Point()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="no field z"):
        Point(x=1, z=2)  # type: ignore[call-arg]


def test_errors_travel_between_processes() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(CheckError("syntax", "m", "a.py", 3)))
    assert (error.kind, error.message, error.path, error.line) == ("syntax", "m", "a.py", 3)
    assert os.fspath(error.at("b.py").path) == "b.py"
