"""Write the skeleton of a rule and of its cases: python tools/new_rule.py no-wildcard-import"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from holdfast import rules

ROOT = Path(__file__).resolve().parent.parent

RULE = '''"""SUMMARY: the invariant in one sentence.

Why it matters, in two or three.

```python bad
forbidden()
```

```python good
allowed()
```

## What it does not see

What a reader should not rely on.
"""

from __future__ import annotations

import ast

from holdfast.code.source import Source
from holdfast.rule import Finding, Options as BaseOptions, Rule

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator


class Options(BaseOptions):
    """What to report."""


def check(source: Source, _options: Options) -> Iterator[Finding]:
    for call in source.nodes(ast.Call):
        if isinstance(call.func, ast.Name) and call.func.id == "forbidden":
            yield source.finding(call, "forbidden() is called", hint="call allowed()")


rule = Rule(
    name="NAME",
    code="CODE",
    summary="forbidden() is never called",
    since="VERSION",
    level="warning",
    check=check,
    options=Options,
    mentions=(b"forbidden",),
    default=False,
)
'''

CASES = """# NAME

## the call is reported

```python
forbidden()  # expect: NAME
```

## another call is not

```python
allowed()
```
"""


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", arguments[0]):
        print("usage: make new-rule NAME=two-or-more-words, in lower case with hyphens")
        return 2
    name = arguments[0]
    stem = name.replace("-", "_")
    if name in rules.names():
        print(f"there is a rule {name} already")
        return 2
    taken = {rule.code for rule in rules.every()}
    code = next(f"HF{number}" for number in range(701, 800) if f"HF{number}" not in taken)
    found = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    version = found[1] if found else "0"
    for path, text in (
        (ROOT / f"src/holdfast/rules/{stem}.py", RULE),
        (ROOT / f"tests/rules/{stem}.md", CASES),
    ):
        path.write_text(text.replace("NAME", name).replace("CODE", code).replace("VERSION", version), "utf-8")
        print(f"written: {path.relative_to(ROOT)}")
    print(f"next: a code of its family instead of {code}, the rule, its cases, a changelog line, `make sync`")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
