"""Which module of the project an import means, and what a name stands for across files."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from holdfast.code import definitions
from holdfast.code.modules import Modules
from holdfast.code.project import Project
from holdfast.rule import CheckError
from tests import programs

MONOREPO = ("svc/a/app/__init__.py", "svc/a/app/x.py", "svc/b/app/__init__.py", "svc/b/app/x.py", "svc/a/tests/test_x.py")
SHOP = ("shop/__init__.py", "shop/math.py", "shop/x/__init__.py", "shop/x/urls.py", "shop/extra/bin/shop.py", "shop/api.py")


@pytest.mark.parametrize(
    ("dotted", "importer", "files", "wanted"),
    [
        # each service imports its own package, from its code and from its tests
        ("app.x", "svc/a/app/main.py", MONOREPO, "svc/a/app/x.py"),
        ("app.x", "svc/b/app/main.py", MONOREPO, "svc/b/app/x.py"),
        ("app", "svc/b/app/main.py", MONOREPO, "svc/b/app/__init__.py"),
        ("app.x", "svc/a/tests/test_x.py", MONOREPO, "svc/a/app/x.py"),
        # two services are equally near: neither is meant for certain
        ("app.x", "scripts/load.py", MONOREPO, ""),
        ("app.x", "svc/start.py", MONOREPO, ""),
        # a package with the same folders in a wrapper is another package
        ("onyx.db", "ee/onyx/api.py", ("ee/__init__.py", "ee/onyx/__init__.py", "ee/onyx/db.py", "onyx/db.py"), "onyx/db.py"),
        # a workspace: a library is found from a service, the nearest one of the name
        ("common.db", "svc/a/app/x.py", (*MONOREPO, "libs/common/src/common/db.py"), "libs/common/src/common/db.py"),
        ("app.x", "svc/c/main.py", (*MONOREPO, "svc/c/src/app/x.py"), "svc/c/src/app/x.py"),
        ("shop.x", "tests/test_x.py", ("src/shop/x.py", "docs/examples/shop/x.py"), "src/shop/x.py"),
        # files that merely end alike
        ("shop.x.urls", "shop/api.py", SHOP, "shop/x/urls.py"),
        ("shop", "shop/x/urls.py", SHOP, "shop/__init__.py"),
        ("x.urls", "tests/test_x.py", SHOP, ""),
        # the standard library
        ("math", "shop/api.py", SHOP, ""),
        ("math", "tests/test_x.py", (*SHOP, "other/math.py"), ""),
        ("shop.math", "shop/api.py", SHOP, "shop/math.py"),
        ("math", "scripts/run.py", ("scripts/math.py",), "scripts/math.py"),
        # packages without __init__.py, and folders without it within packages
        ("app.models", "app/api/views.py", ("app/models.py",), "app/models.py"),
        (
            "daemon.paths",
            "pkg/image/daemon/server.py",
            ("pkg/__init__.py", "pkg/image/daemon/paths.py"),
            "pkg/image/daemon/paths.py",
        ),
        # relative imports
        (".x", "svc/a/app/main.py", MONOREPO, "svc/a/app/x.py"),
        (".", "svc/a/app/main.py", MONOREPO, "svc/a/app/__init__.py"),
        ("..app.x", "svc/a/app/main.py", MONOREPO, "svc/a/app/x.py"),
        ("...svc.a", "a/b.py", (*MONOREPO, "svc/a.py"), ""),
        # a package wins over a module; no module, no answer
        ("app", "main.py", ("app.py", "app/__init__.py"), "app/__init__.py"),
        ("", "main.py", ("__init__.py",), ""),
        ("app.{name}", "main.py", ("app/__init__.py",), ""),
    ],
)
def test_an_import_finds_the_module_that_python_would(dotted: str, importer: str, files: tuple[str, ...], wanted: str) -> None:
    assert Modules(files).find(dotted, importer) == wanted


def test_declared_source_roots() -> None:
    files = (*MONOREPO, "apps/__init__.py", "apps/users/models.py", "libs/one/src/common.py", "tools/common.py")
    assert Modules(files, ("apps",)).find("users.models", "apps/shop/views.py") == "apps/users/models.py"
    assert Modules(files, ("svc/*",)).find("app.x", "svc/a/app/main.py") == "svc/a/app/x.py"
    assert Modules(files, ("libs/*/src/", ".")).find("common", "svc/a/app/x.py") == "libs/one/src/common.py"
    assert Modules(files, ("./tools",)).find("common", "svc/a/app/x.py") == "tools/common.py"
    for pattern in ("lib/*/src", "svc/*/app/x.py"):
        with pytest.raises(CheckError, match="contains no Python files"):
            Modules(files, (pattern,))


def test_a_declared_root_without_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.holdfast]\nsource-roots = ["srv"]\nselect = ["no-print"]\n', "utf-8")
    (tmp_path / "shop.py").write_text("import sys\n\nprint(sys.argv)\n", "utf-8")
    ran = programs.holdfast("check", cwd=tmp_path)
    assert (ran.returncode, '`source-roots`: "srv" contains no Python files' in ran.stderr) == (2, True), ran


def test_the_folder_of_a_program_may_hold_an_init_file() -> None:
    """Nothing imports `server`, so it is no package: `cd server` and `uvicorn main:app` start the program."""
    files = ("server/__init__.py", "server/db.py", "server/api/__init__.py", "server/api/views.py", "server/redis.py")
    imported = {"api", "db"}
    modules = Modules(files, is_imported=imported.__contains__)
    assert modules.find("db", "server/api/views.py") == "server/db.py"
    assert modules.find("views", "server/api/views.py") == ""
    named = Modules(files, is_imported={"server", "redis"}.__contains__)
    assert named.find("redis", "server/api/views.py") == ""
    assert (modules.has_package("api", "server/db.py"), named.has_package("api", "server/db.py")) == (True, False)


def write(root: Path, files: dict[str, str]) -> Project:
    for path, code in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(code, "utf-8")
    return Project(str(root))


def meant(project: Project, path: str, name: str) -> tuple[str, int] | None:
    """The file and line of what a name stands for at the end of a file."""
    source = project.source(path)
    assert source
    found = definitions.resolve(source, source.tree.body[-1].value)  # type: ignore[attr-defined]
    assert ast.unparse(source.tree.body[-1]) == name
    return (found.source.path, found.line) if found else None


def test_names_are_followed_within_their_own_program(tmp_path: Path) -> None:
    limits = "def limited(view):\n    return view\n"
    files = {f"svc/{name}/app/{path}": code for name in "abc" for path, code in (("__init__.py", ""), ("limits.py", limits))}
    for name in "abc":
        files[f"svc/{name}/app/main.py"] = "from app.limits import limited\n\nlimited\n"
    project = write(tmp_path, files)
    for name in "abc":
        assert meant(project, f"svc/{name}/app/main.py", "limited") == (f"svc/{name}/app/limits.py", 1)


def test_a_star_import_of_the_standard_library_brings_nothing_of_the_project(tmp_path: Path) -> None:
    files = {"shop/__init__.py": "", "shop/math.py": "def sqrt(x): ...\n", "shop/area.py": "from math import *\n\nsqrt\n"}
    assert meant(write(tmp_path, files), "shop/area.py", "sqrt") is None


def test_whether_a_package_is_imported_is_read_from_the_files(tmp_path: Path) -> None:
    files = {"server/__init__.py": "", "server/api/__init__.py": "", "server/db.py": "x = 1\n"}
    files["server/api/views.py"] = "from db import x\n\nx\n"
    project = write(tmp_path, files)
    assert meant(project, "server/api/views.py", "x") == ("server/db.py", 1)
    for code in ("import json, server.db\n", "def f():\n    from server.db import x\n", "import server\n", "\ufeffimport server\r"):
        again = write(tmp_path, {"tests/test_db.py": code})
        assert meant(again, "server/api/views.py", "x") is None


def test_untracked_files_are_no_modules(tmp_path: Path) -> None:
    write(tmp_path, {"shop/__init__.py": "", "shop/one.py": "import two\n"})
    programs.make_checkout(tmp_path)
    project = write(tmp_path, {"two.py": "", "shop/two.py": ""})
    assert (project.modules.find("two", "shop/one.py"), project.modules.find(".two", "shop/one.py")) == ("", "")
    assert project.modules_with("two.py").find("two", "shop/one.py") == "two.py"


@pytest.mark.parametrize(
    ("path", "importer", "files", "wanted"),
    [
        ("svc/a/app/x.py", "svc/a/app/main.py", MONOREPO, "app.x"),
        ("svc/a/app/__init__.py", "svc/a/tests/test_x.py", MONOREPO, "app"),
        ("svc/a/app/x.py", "svc/b/app/main.py", MONOREPO, "a.app.x"),
        ("src/shop/x.py", "tests/test_x.py", ("src/shop/x.py", "src/shop/__init__.py"), "shop.x"),
        ("shop/math.py", "shop/api.py", SHOP, "shop.math"),
        ("shop/x/urls.py", "shop/api.py", (), ""),
    ],
)
def test_the_name_of_a_module_is_one_that_finds_it(path: str, importer: str, files: tuple[str, ...], wanted: str) -> None:
    assert Modules(files).name(path, importer) == wanted


def test_outside_of_packages_the_name_of_a_module_is_one_that_the_project_uses() -> None:
    files = ("src/shop/x.py", "src/shop/y.py")
    for imported, wanted in (({"shop"}, "shop.x"), ({"x"}, "x"), (set[str](), "")):
        assert Modules(files, is_imported=imported.__contains__).name("src/shop/x.py", "src/shop/y.py") == wanted
