"""Write the skeleton of a rule and of its cases: python tools/new_rule.py no-wildcard-import [--scope project] [--fix safe]

The skeleton is a rule that works: its cases pass, its page is complete. Replace what it looks for by what you look for.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from holdfast import rules

ROOT = Path(__file__).resolve().parent.parent

PAGE = '''"""Reports calls of `forbidden`.

## Why is this bad?

What an attacker does, or how it fails in production, with one incident (a CVE, an advisory, an issue) if there is one.

## Example

EXAMPLE

## What it reports

- Calls of `forbidden`, under whatever name it was imported.

## What it leaves alone

- Calls of other functions.

## What it does not see

- A function that is passed on and called elsewhere.
FIX_SAFETY
## References

- A standard, documentation, an incident: one link a line.
"""
'''
FILE_EXAMPLE = """```python bad
from legacy import forbidden

forbidden()
```

Use instead:

```python good
from modern import allowed

allowed()
```"""
PROJECT_EXAMPLE = """```python bad path=shop/limits.py
def forbidden(): ...
```

```python bad path=shop/views.py
from shop.limits import forbidden

forbidden()
```

Use instead:

```python good
from modern import allowed

allowed()
```"""
FIX_SAFETY = """
## Fix safety

The fix calls `allowed` and imports it. It is LEVEL: say whether the program behaves the same apart from the defect.
"""
FILE_CHECK = '''
from __future__ import annotations

import ast

from holdfast.code.source import Source
from holdfast.rule import Finding, Options as BaseOptions, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Options(BaseOptions):
    """What to report. Each field needs a default and a docstring below it."""


def check(source: Source, _options: Options) -> Iterator[Finding]:
    for call in source.nodes(ast.Call):
        if source.qualname(call.func) == "legacy.forbidden":
            yield source.finding(call, "`forbidden` is called", hint="call `modern.allowed`"FIX)
'''
PROJECT_CHECK = '''
from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.project import Project
from holdfast.rule import Finding, Options as BaseOptions, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Options(BaseOptions):
    """What to report. Each field needs a default and a docstring below it."""


def check(project: Project, _options: Options) -> Iterator[Finding]:
    for source in project.mentioning(b"forbidden"):
        if source.is_test or not definitions.is_readable(source):
            continue
        for call in source.nodes(ast.Call):
            called = definitions.resolve(source, call.func)
            if called and called.name == "forbidden":
                evidence = (called.source.evidence(called.node, "it is defined here"),)
                yield source.finding(call, "`forbidden` is called", hint="call `modern.allowed`", evidence=evidenceFIX)
'''
RULE = """

rule = Rule(
    name="NAME",
    code="CODE",
    summary="`forbidden` is never called",
    since="VERSION",
    level="warning",
    check=check,
    options=Options,
ARGUMENTS    default=False,
)
"""
FIX = '''"""The fix of NAME: a call of `allowed`."""

from __future__ import annotations

import ast

import libcst as cst

from holdfast.code.source import Source
from holdfast.rule import Options, Replacement


def fix(_source: Source, _node: ast.AST, updated: cst.CSTNode, _options: Options) -> Replacement | str:
    """The call with another function, or why it is left alone."""
    if not isinstance(updated, cst.Call) or updated.args:
        return "its arguments would be lost"
    return Replacement(node=updated.with_changes(func=cst.Name("allowed")), imports=(("modern", "allowed"),))
'''
FILE_CASES = """# NAME

## the call is reported, whatever the name of the function here

```python
from legacy import forbidden as f

f()  # expect: NAME "`forbidden` is called"
```
FIXED
## another function of that name is not meant

```python
from modern import forbidden

forbidden()
```
"""
PROJECT_CASES = """# NAME

## the call is reported, whatever the name of the function here

```python path=shop/limits.py
def forbidden(): ...
```

```python path=shop/views.py
from shop.limits import forbidden as f

f()  # expect: NAME "`forbidden` is called"
```
FIXED
## a function of that name which the project does not define

```python path=shop/views.py
from library import forbidden

forbidden()
```
"""
FILE_FIXED = """
```python fixed
from legacy import forbidden as f
from modern import allowed

allowed()
```
"""
PROJECT_FIXED = FILE_FIXED.replace("legacy", "shop.limits")


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition(":")[0])
    parser.add_argument("name", help="two or more words, in lower case, with hyphens")
    parser.add_argument("--scope", choices=("file", "project"), default="file")
    parser.add_argument("--fix", choices=("safe", "unsafe"))
    parser.add_argument(
        "--family", choices="1234567", default="7", help="the first digit of its code, see docs/how-to/add-a-rule.md"
    )
    options = parser.parse_args(arguments)
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", options.name):
        parser.error(f'"{options.name}" is not a name of two or more words in lower case with hyphens, like no-wildcard-import')
    if options.name in rules.names():
        parser.error(f"there is already a rule {options.name}")
    taken = {rule.code for rule in rules.every()}
    code = next(code for number in range(1, 100) if (code := f"HF{options.family}{number:02}") not in taken)
    for path, text in written(options.name, code, options.scope, options.fix).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
        print(f"written: {path.relative_to(ROOT)}")
    print(f"next: write the rule (its code is {code}) and its cases, add a line to CHANGELOG.md, run `make sync` and `make check`")
    return 0


def written(name: str, code: str, scope: str, fix: str | None) -> dict[Path, str]:
    """The files of a rule, with their text."""
    stem = name.replace("-", "_")
    found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    of_project = scope == "project"
    page = PAGE.replace("EXAMPLE", PROJECT_EXAMPLE if of_project else FILE_EXAMPLE)
    page = page.replace("FIX_SAFETY", FIX_SAFETY.replace("LEVEL", fix) if fix else "")
    arguments = '    scope="project",\n' if of_project else '    mentions=(b"forbidden",),\n'
    arguments += f'    fix_level="{fix}",\n' if fix else ""
    check = (PROJECT_CHECK if of_project else FILE_CHECK).replace("FIX)", f', fix="{fix}")' if fix else ")")
    rule = page + check + RULE.replace("ARGUMENTS", arguments)
    fixed = (PROJECT_FIXED if of_project else FILE_FIXED) if fix else ""
    cases = (PROJECT_CASES if of_project else FILE_CASES).replace("FIXED", fixed)
    folder = ROOT / "src/holdfast/rules"
    files = {(folder / stem / "__init__.py" if fix else folder / f"{stem}.py"): rule, ROOT / f"tests/rules/{stem}.md": cases}
    if fix:
        files[folder / stem / "fix.py"] = FIX
    facts = {"NAME": name, "CODE": code, "VERSION": found[1] if found else "0"}
    return {path: re.sub("|".join(facts), lambda match: facts[match[0]], text) for path, text in files.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
