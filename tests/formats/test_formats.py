"""Every format says the same, fits its schema, and lets nothing of a checked file break out of it."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import re
import types
import typing
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes
from xml.etree import ElementTree

import jsonschema
import pysarif
import pytest
import xmlschema
from hypothesis import example, given, settings, strategies as st

from holdfast import rules
from holdfast.commands.output import FORMATS
from holdfast.engine import config, report as reports, run as engine
from holdfast.formats import text
from holdfast.rule import CheckError, Evidence, Finding
from tests.programs import ROOT, holdfast, make_checkout
from tests.rules import cases

SCHEMAS = ROOT / "tests/formats/schemas"
GITLAB = json.loads((SCHEMAS / "gitlab-code-quality.json").read_text("utf-8"))
JUNIT = xmlschema.XMLSchema(str(SCHEMAS / "junit.xsd"))
NOWHERE = os.path.abspath(os.path.join(os.sep, "nowhere"))
CODE = """import hmac


def verify(key, body, mac):
    digest = hmac.new(key, body).digest()
    return digest == mac


print()
print(1)  # holdfast: ignore[no-print] the banner
"""


def written(name: str, report: reports.Report, *, show_all: bool = False) -> str:
    """A report in a format; text as a terminal shows it."""
    if name == "text":
        errors = "".join(text.write_error(error, report.root) for error in report.errors)
        return text.write(report, show_all=show_all, frames=True) + errors
    document: str = importlib.import_module(f"holdfast.formats.{name}").write(report, show_all=show_all)
    return document


# -- schemas


def check_sarif(value: Any, annotation: Any, where: str = "sarif") -> None:
    """That a part of a document is what pysarif's classes, which follow the published schema, say of it."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is Any:
        return
    if annotation is pysarif.PropertyBag:
        assert isinstance(value, dict), where
    elif origin in {typing.Union, types.UnionType}:
        (member,) = (one for one in inner if one is not type(None))
        check_sarif(value, member, where)
    elif origin is list:
        assert isinstance(value, list), where
        for number, item in enumerate(value):
            check_sarif(item, inner[0], f"{where}[{number}]")
    elif origin is typing.Literal:
        assert value in inner, where
    elif annotation in {str, int, bool, float}:
        assert type(value) is annotation, where
    else:
        check_sarif_object(value, annotation, where)


def check_sarif_object(value: dict[str, Any], cls: Any, where: str) -> None:
    names = {key: re.sub(r"[A-Z]", lambda upper: f"_{upper[0].lower()}", key.lstrip("$")) for key in value}
    hints = typing.get_type_hints(cls)
    for key, name in names.items():
        assert name in hints, f"{where}.{key}"
        check_sarif(value[key], hints[name], f"{where}.{key}")
    without = dataclasses.MISSING
    required = {field.name for field in dataclasses.fields(cls) if field.default is without is field.default_factory}
    assert required <= set(names.values()), where


def read(name: str, document: str) -> Any:
    """A document, parsed and checked against its schema."""
    if name == "junit":
        JUNIT.validate(document)
        return ElementTree.fromstring(document)
    parsed = json.loads(document)
    if name == "sarif":
        check_sarif(parsed, pysarif.SarifLog)
    else:
        jsonschema.validate(parsed, GITLAB)
    return parsed


def test_the_check_of_sarif_can_fail() -> None:
    run = {"tool": {"driver": {"name": "x"}}, "results": [{"message": {"text": "m"}}]}
    check_sarif({"version": "2.1.0", "runs": [run]}, pysarif.SarifLog)
    wrongs: tuple[dict[str, Any], ...] = (
        {"results": [{"message": "m"}]},
        {"results": [{"level": "error"}]},
        {"columnKind": "bytes"},
        {"result": []},
        {"results": [{"message": {"text": "m"}, "ruleIndex": "0"}]},
    )
    for wrong in wrongs:
        with pytest.raises(AssertionError):
            check_sarif({"version": "2.1.0", "runs": [run | wrong]}, pysarif.SarifLog)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A root below the top of a checkout: what a forge shows has to be relative to the top."""
    folder = tmp_path / "back end"
    folder.mkdir()
    (folder / "pyproject.toml").write_text("[tool.holdfast]\n", "utf-8")
    (folder / "a.py").write_text(CODE, "utf-8")
    (folder / "b.py").write_text("print(\n", "utf-8")
    make_checkout(tmp_path)
    return folder


def document_of(name: str, folder: Path, *arguments: str) -> Any:
    ran = holdfast("check", "--format", name, "--output", f"../report.{name}", *arguments, cwd=folder)
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    return read(name, (folder.parent / f"report.{name}").read_text("utf-8"))


def test_sarif_has_what_code_scanning_reads(shop: Path) -> None:
    (run,) = document_of("sarif", shop)["runs"]
    rule, other = run["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"], rule["defaultConfiguration"]["level"]) == ("HF101", "constant-time-compare", "error")
    assert set(rule["properties"]["tags"]) == {"security", "external/cwe/cwe-208"}
    assert "security-severity" in rule["properties"]
    assert "security-severity" not in other["properties"]
    assert rule["help"]["markdown"].startswith("# constant-time-compare (HF101)")
    first, second = run["results"]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == [first["ruleId"], second["ruleId"]] == ["HF101", "HF301"]
    assert (first["ruleIndex"], second["ruleIndex"]) == (0, 1)
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "back%20end/a.py", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 6, "startColumn": 12, "endLine": 6, "endColumn": 25}
    base = run["originalUriBaseIds"]["%SRCROOT%"]["uri"]
    assert base.startswith("file:///")
    assert base.endswith(f"/{shop.parent.name}/")
    (related,) = first["relatedLocations"]
    assert related["physicalLocation"]["region"]["startLine"] == 5
    assert f"]({related['id']})" in first["message"]["text"]
    assert first["partialFingerprints"]["holdfast/v1"] != second["partialFingerprints"]["holdfast/v1"]
    (invocation,) = run["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "back%20end/b.py"


def test_sarif_with_show_all_says_what_is_suppressed_and_why(shop: Path) -> None:
    (run,) = document_of("sarif", shop, "--show-all")["runs"]
    said = [result["suppressions"] for result in run["results"]]
    assert said == [[], [], [{"kind": "inSource", "justification": "the banner"}]]
    known = Finding(path="a.py", line=1, column=1, end_line=1, end_column=2, message="m", level="error", code="HF301")
    report = reports.Report(root=NOWHERE, findings=(known.replace(rule="no-print", status="known"),))
    (run,) = read("sarif", written("sarif", report, show_all=True))["runs"]
    assert run["results"][0]["suppressions"] == [{"kind": "external"}]
    assert run["invocations"] == [{"executionSuccessful": True}]
    assert json.loads(written("sarif", report))["runs"][0]["results"] == []


def test_sarif_gives_the_fingerprint_under_the_key_that_github_reads_if_asked(shop: Path) -> None:
    (run,) = document_of("sarif", shop)["runs"]
    assert {tuple(result["partialFingerprints"]) for result in run["results"]} == {("holdfast/v1",)}
    (run,) = document_of("sarif", shop, "--sarif-line-hash")["runs"]
    before = [result["partialFingerprints"] for result in run["results"]]
    assert all(found["primaryLocationLineHash"] == found["holdfast/v1"] for found in before)
    moved = CODE.replace("digest == mac", "(\n        digest == mac\n    )").replace("import hmac", "# moved\n\nimport hmac")
    (shop / "a.py").write_text(moved, "utf-8")
    (run,) = document_of("sarif", shop, "--sarif-line-hash")["runs"]
    assert [result["partialFingerprints"] for result in run["results"]] == before


def test_json_gives_the_reason_of_an_exemption(tmp_path: Path) -> None:
    code = """print(1)  # holdfast: ignore[no-print] see issue #123 and C #4
print(2)  # holdfast: ignore[no-print] the banner # noqa: T201
print(3)  # noqa: T201 # holdfast: ignore[no-print] the menu #holdfast: ignore[constant-time-compare] no
"""
    (tmp_path / "a.py").write_text(code, "utf-8")
    noqa = ("--option", "no-print.respect-noqa=false")
    ran = holdfast("check", "--select", "no-print", *noqa, "--show-all", "--format", "json", cwd=tmp_path)
    found = [(finding["status"], finding["reason"]) for finding in json.loads(ran.stdout)["findings"]]
    assert found == [("exempt", "see issue #123 and C #4"), ("exempt", "the banner"), ("exempt", "the menu")]


def test_a_notebook_is_skipped_and_not_clean(tmp_path: Path) -> None:
    (tmp_path / "a.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n', "utf-8")
    (tmp_path / "a.py").write_text("x = 1\n", "utf-8")
    ran = holdfast("check", "a.ipynb", "a.py", "--format", "json", cwd=tmp_path)
    summary = json.loads(ran.stdout)["summary"]
    said = "a.ipynb was skipped: Holdfast does not check notebooks"
    assert (summary["files"], summary["notes"]) == (1, [said])
    assert f"holdfast: note: {said}\n" in ran.stderr
    ran = holdfast("check", "-", "--stdin-filename", "a.ipynb", cwd=tmp_path, given=b'{"cells": []}')
    assert f"holdfast: note: {said}\n" in ran.stderr
    assert "in 0 files" in ran.stderr


def test_gitlab_lists_findings_and_errors(shop: Path) -> None:
    entries = document_of("gitlab", shop, "--show-all")
    assert [(entry["check_name"], entry["severity"], entry["location"]["lines"]["begin"]) for entry in entries] == [
        ("syntax", "blocker", 1),
        ("constant-time-compare", "major", 6),
        ("no-print", "minor", 9),
        ("no-print", "info", 10),
    ]
    assert {entry["location"]["path"] for entry in entries} == {"back end/a.py", "back end/b.py"}
    assert len({entry["fingerprint"] for entry in entries}) == len(entries)


def test_junit_has_failures_errors_and_skipped(shop: Path) -> None:
    (suite,) = document_of("junit", shop, "--show-all")
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "2",
        "errors": "1",
        "skipped": "1",
    }
    assert [outcome.tag for case in suite for outcome in case] == ["error", "failure", "failure", "skipped"]
    assert suite[1][0].text.startswith("a.py:6:12: ")
    assert [case.get("file") for case in suite] == ["back end/b.py", *["back end/a.py"] * 3]


def test_a_clean_run_is_a_passed_test_and_an_empty_report(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n", "utf-8")
    documents = {name: holdfast("check", "--format", name, cwd=tmp_path).stdout for name in FORMATS}
    (suite,) = read("junit", documents["junit"])
    assert (len(suite), len(suite[0]), suite.get("tests")) == (1, 0, "1")
    assert read("gitlab", documents["gitlab"]) == []
    assert read("sarif", documents["sarif"])["runs"][0]["results"] == []
    assert documents["github"] == documents["text"] == ""


# -- GitHub Actions


def test_github_actions_get_text_and_annotations(shop: Path) -> None:
    plain = holdfast("check", cwd=shop).stdout
    annotations = holdfast("check", "--format", "github", cwd=shop).stdout
    error, first, second = annotations.splitlines()
    assert error.startswith("::error file=back end/b.py,line=1,title=holdfast could not check this (syntax)::cannot be parsed")
    place = "file=back end/a.py,line=6,col=12,endLine=6,endColumn=25,title=constant-time-compare (HF101)"
    assert first.startswith(f"::error {place}::`==` is not a constant-time comparison")
    assert second.startswith("::warning file=back end/a.py,line=9,col=1,")
    actions = {"GITHUB_ACTIONS": "true"}
    assert holdfast("check", cwd=shop, env=actions).stdout == plain + annotations
    assert holdfast("check", cwd=shop, env={**actions, "PRE_COMMIT": "1"}).stdout == plain
    assert holdfast("check", "--format", "text", cwd=shop, env=actions).stdout == plain
    assert "::" not in holdfast("check", "--statistics", cwd=shop, env=actions).stdout


def test_a_note_is_a_notice() -> None:
    note = Finding(path="a.py", line=1, column=1, end_line=2, end_column=2, message="m", level="note", rule="r", code="HF1")
    report = reports.Report(root=NOWHERE, findings=(note,))
    assert written("github", report) == "::notice file=a.py,line=1,col=1,endLine=2,title=r (HF1)::m\n"
    assert read("junit", written("junit", report))[0].get("skipped") == "1"


# -- hostile text

PIECES = (
    "\n \r :: % %0A , : ' \" < & ]]> ##[error] ](https://x.invalid) [a](0) \\ ` | \x1b[31m \x9b \x00 \x07 \u202e \u2028"
    " \udcff \ud800 \ufffe \u00e4 \U0001f600 /"
).split(" ")
NASTY = st.lists(st.sampled_from(PIECES) | st.characters(), max_size=8).map("".join)
PATHS = NASTY.map(lambda name: re.sub(r"^(\./)+|^/+", "", name.replace("\0", "")).strip("/") or "a.py")  # relative, in normal form
NEVER_FAILS = settings(max_examples=150, deadline=None)


def hostile(path: str, message: str) -> reports.Report:
    finding = Finding(
        path=path,
        line=3,
        column=1,
        end_line=3,
        end_column=2,
        message=message,
        hint=message,
        symbol=message,
        frame=message,
        evidence=(Evidence(message=message, path=path, line=1, column=1),),
        level="error",
        rule="no-print",
        code="HF301",
        fingerprint="0" * 32,
    )
    exempt = finding.replace(status="exempt", reason=message, fingerprint="1" * 32)
    errors = (CheckError("syntax", message or "m", path, 2), CheckError("option", message or "m"))
    return reports.Report(
        root=NOWHERE, findings=(finding.replace(message=message or "m"), exempt.replace(message="m")), errors=errors
    )


def unescaped(data: str) -> str:
    """What GitHub's runner makes of a property."""
    for escaped, char in (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%")):
        data = data.replace(escaped, char)
    return data


@NEVER_FAILS
@given(PATHS, NASTY)
def test_no_format_sends_a_control_character_or_forges_a_command(path: str, message: str) -> None:
    for name in FORMATS:
        document = written(name, hostile(path, message), show_all=True)
        assert not [char for char in document if not char.isprintable() and char != "\n"], name
        if name in {"text", "github"}:
            commands = [line for line in document.splitlines() if line.lstrip().startswith("::")]
            assert len(commands) == (4 if name == "github" else 0)
        assert "##[" not in document, name


@NEVER_FAILS
@given(PATHS, NASTY)
@example("100%0A, a:b", "m")
def test_an_annotation_stays_on_its_line_and_at_its_file(path: str, message: str) -> None:
    lines = written("github", hostile(path, message)).splitlines()
    assert [line.startswith("::error ") for line in lines] == [True] * 3
    for line in lines[:1] + lines[2:]:
        properties, _, _ = line.removeprefix("::error ").partition("::")
        found = dict(part.split("=", 1) for part in properties.split(","))
        if path.replace("\n", "").replace("\r", "").isprintable() and "##[" not in path:
            assert unescaped(found["file"]) == path


@NEVER_FAILS
@given(PATHS, NASTY)
def test_documents_parse_and_say_what_was_said(path: str, message: str) -> None:
    report = hostile(path, message)
    (run,) = read("sarif", written("sarif", report))["runs"]
    (result,) = run["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    encodings = {path.encode("utf-8", handler) for handler in ("surrogatepass", "surrogateescape") if handler_takes(path, handler)}
    assert unquote_to_bytes(uri) in encodings
    assert re.fullmatch(r"[\w.~%/-]+", uri, re.ASCII)
    assert result["message"]["text"].count("](") == 1  # the link to the evidence
    assert result["message"]["text"].endswith("](0)")
    entries = read("gitlab", written("gitlab", report))
    assert entries[2]["description"] == text.printable(message or "m")
    assert entries[2]["location"]["path"].encode() == path.encode("utf-8", "backslashreplace")
    (suite,) = read("junit", written("junit", report))
    assert suite[2][0].get("message") == text.printable(message or "m")
    assert json.loads(written("json", report))["findings"][0]["path"] == json.loads(json.dumps(path))  # two halves become one


def handler_takes(path: str, handler: str) -> bool:
    try:
        path.encode("utf-8", handler)
    except UnicodeEncodeError:
        return False
    return True


@pytest.mark.parametrize("rule", [name for name in rules.names() if rules.load(name).secret])
def test_no_format_repeats_a_secret(rule: str, tmp_path: Path) -> None:
    some = [case for case in cases.read_all() if case.rule == rule and not case.has_configuration]
    for case in some:
        case.write(tmp_path / case.slug)
    report = engine.run(config.Config(select=(rule,)), str(tmp_path), [str(tmp_path)], jobs=1)
    assert report.findings
    assert any(cases.CANARY in block.code for case in some for block in case.blocks)
    for name in FORMATS:
        assert cases.CANARY not in written(name, report, show_all=True), name
