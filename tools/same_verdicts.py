"""Compare the verdicts of two revisions over the same code: python tools/same_verdicts.py BEFORE AFTER FOLDER...

Each revision (AFTER may be `.`, the working tree) is checked out beside the other. In every folder both run all rules, the route
table and, where the folder holds packages, a set of contracts. The JSON is compared apart from wording: messages and hints. The
exit code is 1 if anything differs; each difference is printed as a line, `-` for BEFORE and `+` for AFTER.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMMAND = """try:
    from holdfast.commands.main import run
except ImportError:
    from holdfast.hosts.command import run
run()
"""
WORDING = ("message", "hint", "root", "url", "evidence_text", "reason", "reasons")
CONTRACTS = """[tool.importlinter]
root_package = "{package}"
contract_types = ["preset: holdfast.hosts.import_linter.PresetContract"]
"""
TYPES = {
    "boundaries": 'modules = ["{package}.*"]\nunowned = "ignore"',
    "public_api": 'modules = ["{package}.*"]',
    "no_cycles": 'modules = ["{package}.*"]',
    "references": 'modules = ["{package}.*"]',
}


def holdfast(source: Path, cwd: Path, *arguments: str) -> tuple[int, str]:
    """Run a revision's command in a folder; its exit code and standard output."""
    environment = os.environ | {"PYTHONPATH": os.fspath(source), "HOLDFAST_CACHE_DIR": tempfile.mkdtemp()}
    ran = subprocess.run(
        [sys.executable, "-P", "-c", COMMAND, *arguments], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    if not ran.stdout:
        print(f"no output of {arguments} in {cwd}: {ran.stderr[-500:]}", file=sys.stderr)
    return ran.returncode, ran.stdout


def without_wording(value: Any) -> Any:
    """A JSON value without the texts that are written for people."""
    if isinstance(value, dict):
        return {key: without_wording(part) for key, part in value.items() if key not in WORDING}
    return [without_wording(part) for part in value] if isinstance(value, list) else value


def rows(document: str, key: str) -> list[str]:
    """The findings, errors or routes of a document as one line each."""
    try:
        found = json.loads(document)
    except ValueError:
        return [document]
    parts = found if isinstance(found, list) else [*found.get(key, ()), *found.get("errors", ())]
    return sorted(json.dumps(without_wording(part), sort_keys=True) for part in parts)


def packages(folder: Path) -> list[str]:
    """The packages that lie directly in a folder."""
    return sorted(path.parent.name for path in folder.glob("*/__init__.py"))[:3]


def verdicts(source: Path, folder: Path) -> list[str]:
    """All that a revision says of a folder."""
    check = holdfast(source, folder, "check", "--select", "all", "--format", "json", "--show-all", "--no-cache", "--root", ".", ".")
    routes = holdfast(source, folder, "routes", "--format", "json", ".")
    said = [
        f"check exits with {check[0]}",
        *rows(check[1], "findings"),
        f"routes exits with {routes[0]}",
        *rows(routes[1], "routes"),
    ]
    for package in packages(folder):
        text = CONTRACTS.format(package=package)
        for name, options in TYPES.items():
            head = f'[[tool.importlinter.contracts]]\nid = "{name}"\nname = "{name}"\ntype = "{name}"\n'
            text += f"\n{head}{options.format(package=package)}\n"
        with tempfile.TemporaryDirectory() as temporary:
            config = Path(temporary) / "contracts.toml"
            config.write_text(text, "utf-8")
            flags = ("--format", "json", "--no-cache", "--source-root", os.fspath(folder), "--config", os.fspath(config))
            contracts = holdfast(source, folder, "contracts", *flags)
        said += [f"contracts of {package} exit with {contracts[0]}", *rows(contracts[1], "findings")]
    return said


def main() -> int:
    before, after, *folders = sys.argv[1:]
    different = 0
    with tempfile.TemporaryDirectory() as temporary:
        sources = []
        for number, revision in enumerate((before, after)):
            tree = ROOT
            if revision != ".":
                tree = Path(temporary) / str(number)
                subprocess.run(["git", "-C", ROOT, "worktree", "add", "--quiet", "--detach", tree, revision], check=True)
            sources.append(tree / "src")
        for folder in map(Path, folders):
            first, second = (verdicts(source, folder.resolve()) for source in sources)
            gone, new = sorted(set(first) - set(second)), sorted(set(second) - set(first))
            different += len(gone) + len(new)
            print(f"{folder}: {len(first)} and {len(second)} lines, {'identical' if not gone + new else 'different'}", flush=True)
            print("".join([*(f"- {line}\n" for line in gone), *(f"+ {line}\n" for line in new)]), end="")
    subprocess.run(["git", "-C", ROOT, "worktree", "prune"], check=True)
    return int(different > 0)


if __name__ == "__main__":
    sys.exit(main())
