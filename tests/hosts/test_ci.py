"""The action for GitHub and the template for GitLab: valid, documented, and their scripts do what they say."""

from __future__ import annotations

import json
import re
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.programs import BIN, ROOT, holdfast, make_checkout, start

ACTION, TEMPLATE = ROOT / "action.yml", ROOT / "templates/holdfast.yml"
PAGE = (ROOT / "docs/how-to/ci.md").read_text("utf-8")
HEADER, JOBS = YAML(typ="safe").load_all(TEMPLATE.read_text("utf-8"))
RUNS: dict[str, Any] = YAML(typ="safe").load(ACTION.read_text("utf-8"))
SCRIPT = "\n".join(JOBS["holdfast"]["script"])
FENCE = re.compile(r"^```yaml[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
without_bash = pytest.mark.skipif(sys.platform == "win32", reason="the scripts are for bash")


def test_the_action_fits_its_schema() -> None:
    ran = start(BIN / "check-jsonschema", "--builtin-schema", "vendor.github-actions", ACTION, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout


def test_the_template_fits_its_schema() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor/gitlab-ci.json"
    validator = jsonschema.Draft7Validator(json.loads(vendored.read_text("utf-8")))
    assert list(validator.iter_errors(JOBS)) == []
    assert list(validator.iter_errors({"spec": HEADER["spec"]})) == []
    assert list(validator.iter_errors({"holdfast": {"script": 1}}))


def test_examples_are_valid_yaml() -> None:
    examples = FENCE.findall(PAGE)
    assert len(examples) >= 3
    for example in examples:
        assert YAML(typ="safe").load(example)


@pytest.mark.parametrize(
    ("inputs", "text"), [(RUNS["inputs"], ACTION.read_text("utf-8")), (HEADER["spec"]["inputs"], TEMPLATE.read_text("utf-8"))]
)
def test_every_input_is_described_used_and_documented(inputs: dict[str, Any], text: str) -> None:
    for name, value in inputs.items():
        assert value["description"]
        assert f"`{name}`" in PAGE
        assert re.search(rf"\binputs\.{name}\b", text)
    assert set(re.findall(r"\binputs\.([\w-]+)", text)) == set(inputs)


def test_only_flags_that_exist_are_named() -> None:
    scripts = [step["run"] for step in RUNS["runs"]["steps"] if "run" in step] + [SCRIPT] + FENCE.findall(PAGE)
    named = {
        flag
        for script in scripts
        for line in re.findall(r"holdfast\"? check(.*)", script)
        for flag in re.findall(r"--[\w-]+", line)
    }
    named |= {
        flag
        for example in FENCE.findall(PAGE)
        for line in re.findall(r"args: (.*)", example)
        for flag in re.findall(r"--[\w-]+", line)
    }
    assert {"--format", "--output"} <= named
    shown = holdfast("check", "--help", cwd=ROOT).stdout
    assert [flag for flag in named if not re.search(rf"{flag}\b", shown)] == []


def test_no_input_becomes_a_part_of_a_script_in_the_action() -> None:
    """What GitHub writes into a script is run: an input is passed by the environment."""
    for step in RUNS["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    (tmp_path / "temp/holdfast").mkdir(parents=True)
    (tmp_path / "temp/holdfast/bin").symlink_to(BIN)
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop/a.py").write_text("print()\n", "utf-8")
    return tmp_path / "shop"


def action(folder: Path, **inputs: str) -> tuple[int, str]:
    """Run the action's last step as GitHub does; exit code and output."""
    (script,) = (step["run"] for step in RUNS["runs"]["steps"] if step.get("name") == "holdfast check")
    given = {"ARGS": "", "FORMAT": "", "SARIF_FILE": "", **inputs}
    env = {"RUNNER_TEMP": str(folder.parent / "temp"), "GITHUB_ACTIONS": "true", **given}
    ran = start("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script, cwd=folder, env=env)
    return ran.returncode, ran.stdout + ran.stderr


@without_bash
def test_the_action_annotates_writes_sarif_and_keeps_the_exit_code(shop: Path) -> None:
    code, said = action(shop, SARIF_FILE="holdfast.sarif")
    assert (code, "::warning file=a.py" in said) == (1, True)
    assert len(json.loads((shop / "holdfast.sarif").read_text("utf-8"))["runs"][0]["results"]) == 1
    code, said = action(shop, ARGS="a.py --ignore no-print", SARIF_FILE="holdfast.sarif", FORMAT="text")
    assert (code, "::" in said) == (0, False)
    assert json.loads((shop / "holdfast.sarif").read_text("utf-8"))["runs"][0]["results"] == []
    assert action(shop, ARGS="--select no-prnt", SARIF_FILE="holdfast.sarif")[0] == 2
    code, said = action(shop, SARIF_FILE="missing/holdfast.sarif")
    assert (code, "--output: cannot write missing/holdfast.sarif" in said) == (1, True)
    code, said = action(shop, ARGS="--ignore no-print", SARIF_FILE="missing/holdfast.sarif")
    assert (code, "--output: cannot write missing/holdfast.sarif" in said) == (1, True)
    code, said = action(shop, ARGS="--statistics", SARIF_FILE="holdfast.sarif")
    assert (code, "1  HF301  no-print" in said, "--statistics cannot be used with --format sarif" in said) == (1, True, True)
    assert action(shop, ARGS="$(touch ran) `touch ran` *.py; touch ran", FORMAT="text")[0] == 2
    assert not (shop / "ran").exists()


@without_bash
def test_the_steps_for_contracts_and_the_ratchet_run_only_if_asked_and_after_a_failure(shop: Path) -> None:
    """Each step adds its part to the summary of the job."""
    (shop / "pyproject.toml").write_text(
        "[tool.holdfast.tools.ruff]\nargs = ['--select', 'T201']\n[tool.importlinter]\nroot_package = 'pack'\n"
        "contract_types = ['no_cycles: holdfast.hosts.import_linter.NoCyclesContract']\n"
        "[[tool.importlinter.contracts]]\nid = 'c'\nname = 'no cycles'\ntype = 'no_cycles'\nmodules = ['pack.*']\n",
        "utf-8",
    )
    (shop / "pack").mkdir()
    for name, code in (("__init__", ""), ("one", "from pack import two\n"), ("two", "from pack import one\n")):
        (shop / "pack" / f"{name}.py").write_text(code, "utf-8")
    summary = shop.parent / "summary.md"
    env = {"RUNNER_TEMP": str(shop.parent / "temp"), "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    steps = {step.get("name"): step for step in RUNS["runs"]["steps"]}
    for name in ("contracts", "ratchet"):
        step = steps[f"holdfast {name}"]
        assert step["if"] == f"${{{{ !cancelled() && inputs.{name} == 'true' }}}}"
        ran = start("bash", "-eo", "pipefail", "-c", step["run"], cwd=shop, env=env)
        assert ran.returncode == 1, ran.stdout + ran.stderr
        assert "::" in ran.stdout
    text = summary.read_text("utf-8")
    assert text.count("### Holdfast: ") == 2
    assert "| a.py:1 | ruff:T201 | warning |" in text
    assert "| ruff:T201 | 0 | 1 | - |" in text
    assert "no\\_cycles | error |" in text
    assert start("bash", "-c", steps["holdfast ratchet"]["run"], cwd=shop, env={**env, "PRE_COMMIT": "1"}).returncode == 1
    assert summary.read_text("utf-8") == text


@without_bash
def test_a_wrong_answer_to_the_action_is_an_error(shop: Path) -> None:
    (script,) = (step["run"] for step in RUNS["runs"]["steps"] if step.get("name") == "Install Holdfast")
    env = {"PYTHON": "false", "VERSION": "", "CONTRACTS": "yes", "RATCHET": "", "TOOLS": "", "RUNNER_TEMP": str(shop)}
    ran = start("bash", "-eo", "pipefail", "-c", script, cwd=shop, env=env)
    assert (ran.returncode, "must be true or false, not yes" in ran.stdout) == (2, True)


@without_bash
def test_the_template_reports_and_keeps_the_exit_code(shop: Path) -> None:
    def job(args: str) -> int:
        script = "\n".join(JOBS["holdfast"]["script"][1:]).replace("$[[ inputs.args ]]", args)
        return start("bash", "-eo", "pipefail", "-c", script, cwd=shop).returncode

    report = shop / JOBS["holdfast"]["artifacts"]["reports"]["codequality"]
    assert job("") == 1
    assert len(json.loads(report.read_text("utf-8"))) == 1
    assert (job("--ignore no-print"), json.loads(report.read_text("utf-8"))) == (0, [])
    assert job("--select no-prnt") == 2


@without_bash
def test_a_pull_request_fails_if_the_baseline_grows_without_a_reason(shop: Path) -> None:
    """As GitHub checks a pull request out: a shallow clone of the merge."""
    (step,) = (step for step in RUNS["runs"]["steps"] if step.get("name") == "holdfast baseline check")
    make_checkout(shop)
    assert holdfast("baseline", "write", cwd=shop).returncode == 0
    start("git", "add", "--all", cwd=shop)
    start("git", "commit", "--quiet", "--message", "base", cwd=shop)
    base = start("git", "rev-parse", "HEAD", cwd=shop).stdout.strip()
    (shop / "a.py").write_text("print()\nprint(1)\n", "utf-8")
    assert holdfast("baseline", "write", "--force", cwd=shop).returncode == 0
    start("git", "commit", "--quiet", "--all", "--message", "more", cwd=shop)
    start("git", "config", "uploadpack.allowAnySHA1InWant", "true", cwd=shop)
    clone = shop.parent / "clone"
    assert start("git", "clone", "--quiet", "--depth", "1", shop.as_uri(), clone, cwd=shop.parent).returncode == 0
    for label, code in (("false", 1), ("true", 0)):
        env = {"RUNNER_TEMP": str(shop.parent / "temp"), "BASE": base, "HAS_LABEL": label}
        ran = start("bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"], cwd=clone, env=env)
        assert (ran.returncode, ".holdfast-baseline.json: -0 +1" in ran.stdout) == (code, True), ran.stdout + ran.stderr
