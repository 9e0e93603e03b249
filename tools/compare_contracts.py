"""Module boundaries, asked of import-linter's own contracts, of tach and of ours: python tools/compare_contracts.py

The same small packages as in tests/hosts/test_import_linter.py, each with the best configuration of each tool that we know.
Writes the table of docs/explanation/comparison.md. Needs the network: pip installs tach into an environment of its own.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.hosts.test_import_linter import WANTED, contract, lint, shop  # noqa: E402

PAGE = ROOT / "docs/explanation/comparison.md"
TACH = "tach==0.35.0"
INDEPENDENT = contract("independence", 'modules = ["shop.modules.*"]')
# import-linter's own contracts; "" where none of them speaks of such a thing.
BUILT_IN = {
    "modules depend on core only": INDEPENDENT,
    "core depends on no module": contract("forbidden", 'source_modules = ["shop.core"]', 'forbidden_modules = ["shop.modules"]'),
    "cross-module only via events": contract(
        "independence", 'modules = ["shop.modules.*"]', 'ignore_imports = ["shop.modules.** -> shop.modules.*.events"]'
    ),
    "explicit public API": "",
    "no deep imports": contract(
        "protected", 'protected_modules = ["shop.modules.users.models"]', 'allowed_importers = ["shop.modules.users"]'
    ),
    "wildcard imports only from modules with __all__": "",
    "closed layers, wherever they lie": contract(
        "layers", 'layers = ["(views)", "(services)", "(models)"]', 'containers = ["shop.modules.*"]'
    ),
    "routes call no external service, by dotted name": contract(
        "forbidden", 'source_modules = ["shop.modules"]', 'forbidden_modules = ["google.cloud"]'
    ),
    "every module is covered": contract("independence", 'modules = ["shop.modules.users", "shop.modules.orders"]'),
    "legacy gains no importers": contract(
        "protected", 'protected_modules = ["shop.modules.users"]', 'allowed_importers = ["shop.core"]'
    ),
    "dependencies as strings": INDEPENDENT,
    "no god files": "",
}


def module(path: str, *lines: str) -> str:
    return "\n".join(["[[modules]]", f'path = "{path}"', *lines, ""])


USERS, ORDERS, CORE = "shop.modules.users", "shop.modules.orders", module("shop.core", "depends_on = []")
APART = CORE + "".join(module(path, 'depends_on = ["shop.core"]') for path in (USERS, ORDERS))
OPEN = module(USERS, 'depends_on = ["shop.core"]') + module(ORDERS, f'depends_on = ["shop.core", "{USERS}"]') + CORE


def interface(*exposed: str) -> str:
    names = ", ".join(f'"{name}"' for name in exposed)
    return f'{OPEN}[[interfaces]]\nexpose = [{names}]\nfrom = ["{USERS}"]\n'


LAYERS = 'layers = ["views", { name = "services", closed = true }, "models"]\n' + "".join(
    module(f"shop.modules.{name}.{layer}", f'layer = "{layer}"')
    for name, layer in (("a", "views"), ("a", "services"), ("orders", "models"))
)
TACH_HAS = {
    "modules depend on core only": APART,
    "core depends on no module": APART,
    "cross-module only via events": interface("events.*"),
    "explicit public API": interface("User"),
    "no deep imports": interface("User"),
    "wildcard imports only from modules with __all__": interface("User"),
    "closed layers, wherever they lie": LAYERS,
    "routes call no external service, by dotted name": "",
    "every module is covered": f'root_module = "forbid"\n{APART}',
    "legacy gains no importers": module(USERS, 'visibility = ["shop.core"]') + module(ORDERS, "depends_on = []"),
    "dependencies as strings": APART,
    "no god files": "",
}


def verdict(ran: subprocess.CompletedProcess[str], place: tuple[str, int, str]) -> str:
    """What a tool says of a wrong import: with its file and line, in words of its own, or nothing."""
    path, line, _ = place
    said = re.sub(r"\x1b\[[0-9;]*m|[\u2500-\u257f]", "", ran.stdout + ran.stderr)
    if ran.returncode == 0:
        return "passes"
    if re.search(rf"{re.escape(path)}:{line}\b", said):
        return "file and line"
    if re.search(rf"\(l\.{line}\)", said):
        return "module and line"
    hints = [text.strip() for text in said.splitlines() if re.search(r"external|[Ee]rror|cannot|not ", text)]
    return f"refuses: {hints[-1][:90]}" if hints else "fails without a place"


def asked_of_tach(tach: Path, folder: Path, configuration: str) -> subprocess.CompletedProcess[str]:
    (folder / "tach.toml").write_text(f'source_roots = ["src"]\nexact = false\n{configuration}', "utf-8")
    return subprocess.run([tach, "check"], cwd=folder, capture_output=True, text=True, check=False)


def main() -> int:
    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary)
        subprocess.run([sys.executable, "-m", "venv", home / "tach"], check=True)
        subprocess.run([home / "tach/bin/python", "-m", "pip", "install", "--quiet", TACH], check=True)
        for number, (wanted, (text, files, place)) in enumerate(WANTED.items()):
            folder = shop(home / f"ours{number}", files, text)
            cells = [verdict(lint(folder), place)]
            built_in = BUILT_IN[wanted]
            cells.append(verdict(lint(shop(home / f"theirs{number}", files, built_in)), place) if built_in else "no such contract")
            has = TACH_HAS[wanted]
            cells.append(verdict(asked_of_tach(home / "tach/bin/tach", folder, has), place) if has else "no such check")
            rows.append(f"| {wanted} | {' | '.join(cells)} |")
            print(rows[-1], flush=True)
    table = "| wanted | Holdfast | import-linter's own | tach |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    page = PAGE.read_text("utf-8")
    start, end = "<!-- compared -->\n", "<!-- /compared -->"
    PAGE.write_text(page[: page.index(start) + len(start)] + table + page[page.index(end) :], "utf-8")
    return int(any("| file and line |" not in row for row in rows))


if __name__ == "__main__":
    sys.exit(main())
