"""Show the hooks on docs/demo/shop through their hosts: pre-commit over a scratch repository, bandit, import-linter, holdfast."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


def show(title: str, explanation: str, command: list[str], folder: Path, expected: str) -> bool:
    """Run a host and let it print; whether it found what the demo is about."""
    print(f"\n{'=' * 100}\n{title}\n{explanation}\n$ {' '.join(command)}\n", flush=True)
    shown = [str(BIN / command[0]), *command[1:]]
    ran = subprocess.run(shown, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(ran.stdout, flush=True)
    return ran.returncode == 1 and expected in ran.stdout


def main() -> int:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "shop"
        shutil.copytree(ROOT / "docs/demo/shop", folder)
        os.environ["PRE_COMMIT_HOME"] = str(Path(temporary) / "home")
        os.environ.setdefault("PRE_COMMIT_COLOR", "never")
        for name in [name for name in os.environ if name.startswith("GIT_")]:
            del os.environ[name]
        for command in (["init", "--quiet"], ["add", "--all"]):
            subprocess.run(["git", *command], cwd=folder, check=True)
        found = [
            show(
                "pre-commit",
                "every hook of this checkout, as `repos:` in .pre-commit-config.yaml would run them",
                ["pre-commit", "try-repo", str(ROOT), "--all-files"],
                folder,
                "- hook id: no-print",
            ),
            show(
                "bandit",
                "the plugin HF101 beside bandit's own tests (here it alone)",
                ["bandit", "--quiet", "-r", ".", "-t", "HF101"],
                folder,
                "HF101:constant_time_compare",
            ),
            show(
                "import-linter",
                "contracts about imports, of Holdfast's types, beside import-linter's own",
                ["lint-imports", "--no-logo"],
                folder,
                "[boundaries]",
            ),
            show("holdfast", "the command, for CI and for everything else", ["holdfast", "check"], folder, "[no-print]"),
        ]
    print("=" * 100)
    print("Each host found what it should." if all(found) else "A host did not find what it should.", flush=True)
    return int(not all(found))


if __name__ == "__main__":
    sys.exit(main())
