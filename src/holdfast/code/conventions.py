"""What a file is by the conventions of tools: a test, somebody else's code, or generated code. One answer for every rule."""

from __future__ import annotations

import fnmatch
import re

from holdfast.code.words import wordset

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Protocol

    class Files(Protocol):
        """What is asked of a project: see holdfast.code.project.Project."""

        cache: dict[str, Any]

        @property
        def files(self) -> tuple[str, ...]: ...
        def source(self, path: str) -> Any: ...


TEST_FOLDERS = wordset("tests test testing fixtures testutils test_utils unittests")
KINDS_OF_TESTS = (
    "unit|feature|integration|functional|acceptance|system|regression|smoke|e2e|end_to_end|browser|ui|selenium|playwright|cypress|"
    "live|load|perf|performance|contract|api|django|py|pytest"
)
TEST_FOLDER = rf"(?:{KINDS_OF_TESTS})[_-]?tests?|tests?[_-](?:{KINDS_OF_TESTS})"
TEST_FILE = r"(?:tests?|tests?_.*|.*_tests?|testing|conftest|.*_conftest|pytest_plugin)\.py"
PYTEST_FILES = ("pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
VENDORED = wordset(
    "_vendor _vendored vendor vendored third_party thirdparty 3rdparty _thirdparty node_modules site-packages extern"
)
COPIED_MOST = wordset(
    "six requests urllib3 certifi idna chardet bs4 yaml jinja2 markupsafe werkzeug pkg_resources setuptools simplejson attr "
    "dateutil click babel pytz html5lib soupsieve pygments lxml mako cherrypy decorator pyparsing httplib2 oauthlib feedparser"
)
ENOUGH_COPIES = 4
GENERATED_FILE = r".*_pb2(?:_grpc)?\.py"
GENERATED_COMMENT = r"(?i)\s*#.*(?:@generated|auto-?generated|generated (?:by|from|using|with|code)|do not edit)"
HEADER = 10  # lines in which a file says that it was generated


def is_test(path: str, project: Files | None = None) -> bool:
    """Return whether a path is a test by the conventions of pytest, unittest, Django and behave, or by the project's own pytest
    configuration; folders of fixtures count."""
    *folders, name = path.split("/")
    return (
        bool(TEST_FOLDERS & set(folders))
        or any(re.fullmatch(TEST_FOLDER, folder) for folder in folders)
        or bool(re.fullmatch(TEST_FILE, name))
        or (folders[-1:] == ["features"] and name == "environment.py")
        or folders[-2:] == ["features", "steps"]
        or (project is not None and _is_configured_test(path, name, project))
    )


def _is_configured_test(path: str, name: str, project: Files) -> bool:
    if "pytest" not in project.cache:
        project.cache["pytest"] = _configured(project)
    folders, patterns = project.cache["pytest"]
    return path.startswith(folders) or any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)


def _configured(project: Files) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folders of `testpaths` in which most files are tests, and the patterns of `python_files` that do not fit every file."""
    found: dict[str, list[str]] = {"testpaths": [], "python_files": []}
    for file in PYTEST_FILES:
        source = project.source(file)
        text = source.data.decode("utf-8", "replace") if source else ""
        for key in found:
            if "pytest" in text and (match := re.search(rf"^{key}\s*=\s*(\[[^\]]*\]|.*(?:\n[ \t]+\S.*)*)", text, re.MULTILINE)):
                found[key] += re.findall(r"[\w./*?-]+", match[1])
    folders = tuple(f"{folder.removeprefix('./').rstrip('/')}/" for folder in found["testpaths"] if "*" not in folder)
    patterns = tuple(pattern for pattern in found["python_files"] if re.search(r"\w", pattern.removesuffix(".py")))
    return tuple(folder for folder in folders if _holds_tests(folder, patterns, project)), patterns


def _holds_tests(folder: str, patterns: tuple[str, ...], project: Files) -> bool:
    names = [path.rpartition("/")[2] for path in project.files if path.startswith(folder) and not path.endswith("__init__.py")]
    tests = [name for name in names if re.fullmatch(TEST_FILE, name) or any(fnmatch.fnmatchcase(name, one) for one in patterns)]
    return len(tests) * 2 > len(names)


def is_vendored(path: str, project: Files | None = None) -> bool:
    """Return whether a path lies in a folder for copies of other projects' code.

    Its name says so (`_vendor`, `third_party`), or it holds several of the packages that are copied most.
    """
    if VENDORED & set(path.split("/")[:-1]):
        return True
    if project is None:
        return False
    if "vendored" not in project.cache:
        held: dict[str, set[str]] = {}
        for file in project.files:
            parts = file.removesuffix(".py").split("/")
            for index in range(1, len(parts)):
                if parts[index] in COPIED_MOST:
                    held.setdefault("/".join(parts[:index]), set()).add(parts[index])
        project.cache["vendored"] = tuple(f"{folder}/" for folder, names in held.items() if len(names) >= ENOUGH_COPIES)
    return path.startswith(project.cache["vendored"])


def is_generated(path: str, lines: Sequence[str]) -> bool:
    """Return whether a tool wrote a file: by its name (`x_pb2.py`) or by what its first comments say."""
    name = path.rpartition("/")[2]
    return bool(re.fullmatch(GENERATED_FILE, name)) or any(re.match(GENERATED_COMMENT, line) for line in lines[:HEADER])
