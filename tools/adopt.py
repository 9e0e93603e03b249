"""Adopt Holdfast in real applications, from nothing, with real pre-commit: python tools/adopt.py [FOLDER or NAME==VERSION ...]

Each application is copied (or its wheel downloaded and unpacked, never installed) into a scratch repository; the hooks come from
this checkout as it is. Then: `holdfast init --yes`; a second one, which must change nothing; `pre-commit run --all-files`, which
must be green; a commit with a new violation, which must be blocked; one that fixes a known finding, which must ask for the prune;
the prune, after which it must be green again. A table says how long it took and what held; the exit code is 1 if anything did not.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import wheels
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
APPLICATIONS = ("weblate==5.14.3", "wagtail==8.0.1", "alerta-server==9.1.0", "calibreweb==0.6.27")
BASELINE = ".holdfast-baseline.json"
VIOLATION = """import hashlib
import hmac


def is_signed(request, key):
    return request.headers["X-Signature"] == hmac.new(key, request.body, hashlib.sha256).hexdigest()
"""
FIXES = (("no-print", b"print(", b"str("), ("constant-time-compare", b"==", b"is"), ("constant-time-compare", b"!=", b"is not"))


class BrokenError(Exception):
    """Something that had to hold does not."""


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """A command with both streams in one text."""
    return subprocess.run(
        [os.fspath(part) for part in command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )


def expect(code: int, *wanted: str, ran: subprocess.CompletedProcess[str]) -> None:
    """Hold a run against an exit code and words in what it wrote."""
    if ran.returncode != code or not all(words in ran.stdout for words in wanted):
        tail = "\n".join(ran.stdout.splitlines()[-15:])
        raise BrokenError(f"{ran.args[0]} {ran.args[1:]}: exit code {ran.returncode}, expected {code} and {wanted}:\n{tail}")


def commit(folder: Path, message: str) -> None:
    """Add everything and commit it, past the hooks."""
    expect(0, ran=run("git", "add", "--all", cwd=folder))
    expect(0, ran=run("git", "commit", "--quiet", "--no-verify", "--allow-empty", "--message", message, cwd=folder))


def make_repository(source: Path, folder: Path) -> str:
    """A scratch repository with the files that git tracks (or would) in a folder, else all of it; returns its commit."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=source)
    is_top = (source / ".git").exists() and listed.returncode == 0
    names = listed.stdout.split("\0") if is_top else [os.fspath(path.relative_to(source)) for path in source.rglob("*")]
    for name in filter(None, names):
        path = source / name
        if path.is_file() and not path.is_symlink():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, folder / name)
    run("git", "init", "--quiet", cwd=folder)
    run("git", "config", "user.email", "adopt@example.invalid", cwd=folder)
    run("git", "config", "user.name", "Adopt", cwd=folder)
    commit(folder, "as it is")
    return run("git", "rev-parse", "HEAD", cwd=folder).stdout.strip()


def adopt(folder: Path, hooks: Path, revision: str) -> dict[str, object]:
    """Adopt Holdfast in a repository; the row of the table. Raises BrokenError."""
    init: list[str | Path] = [BIN / "holdfast", "init", "--yes", "--repo", hooks, "--rev", revision]
    started = time.perf_counter()
    expect(0, ran=run(*init, cwd=folder))
    row: dict[str, object] = {"init": f"{time.perf_counter() - started:.1f} s"}
    commit(folder, "adopt Holdfast")
    expect(0, "everything is in place", ran=run(*init, cwd=folder))
    expect(0, ran=run("git", "diff", "--quiet", cwd=folder))
    ours: list[str | Path] = [BIN / "pre-commit", "run", "--config", only_ours(folder, hooks)]
    started = time.perf_counter()
    expect(0, ran=run(*ours, "--all-files", cwd=folder))
    row["first run with installation"] = f"{time.perf_counter() - started:.1f} s"
    started = time.perf_counter()
    expect(0, ran=run(*ours, "--all-files", cwd=folder))
    row["again"] = f"{time.perf_counter() - started:.1f} s"
    checked = report(folder)["summary"]
    row |= {"files": checked["files"], "excluded": checked["excluded"], "known": checked["known"]}
    (folder / "new_violation.py").write_text(VIOLATION, "utf-8")
    run("git", "add", "new_violation.py", cwd=folder)
    expect(1, "[constant-time-compare]", ran=run(*ours, cwd=folder))
    run("git", "rm", "--quiet", "--force", "new_violation.py", cwd=folder)
    row["a new one"] = "is blocked"
    row["a fixed one"] = fix_one(folder, ours)
    return row


def only_ours(folder: Path, hooks: Path) -> Path:
    """What `holdfast init` wrote for pre-commit without the hooks of others, which would have to be fetched."""
    yaml = YAML(typ="safe", pure=True)
    written = yaml.load((folder / ".pre-commit-config.yaml").read_text("utf-8"))
    path = folder.parent / "ours.yaml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump({"repos": [repo for repo in written["repos"] if repo["repo"] == os.fspath(hooks)]}, file)
    return path


def report(folder: Path) -> dict[str, Any]:
    """What `holdfast check` reports, known findings and all."""
    path = folder.parent / "report.json"
    run(BIN / "holdfast", "check", "--show-all", "--format", "json", "--output", path, cwd=folder)
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def fix_one(folder: Path, ours: list[str | Path]) -> str:
    """Fix one known finding and look for the prune."""
    known = [found for found in report(folder)["findings"] if found["status"] == "known"]
    for found in known:
        path = folder / found["path"]
        lines = path.read_bytes().split(b"\n")
        line = lines[found["line"] - 1]
        before, after = next(((old, new) for rule, old, new in FIXES if rule == found["rule"] and old in line), (b"", b""))
        if not before:
            continue
        lines[found["line"] - 1] = line.replace(before, after, 1)
        path.write_bytes(b"\n".join(lines))
        run("git", "add", found["path"], cwd=folder)
        expect(1, "baseline prune", "[stale-baseline]", ran=run(*ours, cwd=folder))
        expect(0, "1 finding taken out", ran=run(BIN / "holdfast", "baseline", "prune", cwd=folder))
        run("git", "add", BASELINE, cwd=folder)
        expect(0, ran=run(*ours, cwd=folder))
        return "asks for the prune, then green"
    return f"none of {len(known)} can be fixed by replacing a word"


def main(arguments: list[str]) -> int:
    """Adopt each and print the table."""
    failed = 0
    with tempfile.TemporaryDirectory() as temporary:
        top = Path(temporary)
        os.environ["PRE_COMMIT_HOME"] = str(top / "home")
        for name in [name for name in os.environ if name.startswith(("GIT_", "PRE_COMMIT_COLOR")) or name == "CI"]:
            del os.environ[name]
        hooks = top / "hooks"
        revision = make_repository(ROOT, hooks)
        for number, application in enumerate(arguments or APPLICATIONS):
            name = Path(application).name
            scratch = top / str(number)
            source = Path(application).resolve() if os.path.isdir(application) else wheels.fetch(application, scratch / "wheel")
            (scratch / "checkout").mkdir(parents=True)
            make_repository(source, scratch / "checkout")
            try:
                row = adopt(scratch / "checkout", hooks, revision)
            except BrokenError as broken:
                failed += 1
                print(f"{name}: {broken}", flush=True)
                continue
            print(f"{name}: {', '.join(f'{key} {value}' for key, value in row.items())}", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
