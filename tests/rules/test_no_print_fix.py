"""The fix of no-print, executed: what the logger gets is what print wrote, for any arguments."""

from __future__ import annotations

import contextlib
import io
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from holdfast import rules
from holdfast.code.source import Source
from holdfast.engine import checks, fix

RULE = rules.load("no-print")
CHOSEN = [(RULE, RULE.options())]
FORMS = [
    "print(a)",
    "print('a', a, b, sep='-')",
    'print("100%", a, "%s")',
    'print(f"{a} is {b!r} and {b!a}: {{}} 100% \\t\\N{BULLET} it\'s")',
    'print(f"{a!s:>10}|{a}")',
    'print(f"{a=}")',
    'print("%s and %r %% %a" % (a, b, a))',
    'print("%s" % a)',
    'print("{} and {x!r} {{}} 100%".format(a, x=b))',
    'print("{0} {0} {1}".format(a, b))',
    'print("{:>10}".format(str(a)))',
    'print("total: " + str(a) + "\\n" + f"{b}")',
    "print('a' 'b', b'c', r'\\d', 1.5, None, flush=True)",
    "print(a, end='\\n', sep=None)",
    "print(a % 3 if isinstance(a, int) else [a])",
    "print((a, b))",
    "print({'a': a})",
    "print({})",
    "pprint(a)",
    "pprint({'b': b, 'a': [a] * 30}, width=30)",
    "pp({'b': b, 'a': a})",
]
VALUES = st.one_of(
    st.text(),
    st.integers(),
    st.floats(),
    st.none(),
    st.binary(),
    st.tuples(st.text()),
    st.dictionaries(st.text(), st.integers()),
    st.just(()),
)
CODE = """from pprint import pp, pprint


def run(a, b):
    {form}
"""


@pytest.fixture(scope="module")
def messages() -> Iterator[list[str]]:
    """What the root logger gets."""
    got: list[str] = []

    class Handler(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            got.append(record.getMessage())

    root, handler = logging.getLogger(), Handler()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield got
    root.removeHandler(handler)
    root.setLevel(level)


def rewritten(code: str) -> str:
    source = Source("shop/views.py", code.encode())
    result = fix.fix_source(source, checks.check_source(source, CHOSEN).findings, CHOSEN)
    assert result.done, result.left
    return result.data.decode()


def run(code: str, a: object, b: object) -> str:
    names: dict[str, object] = {"__name__": "shop"}
    exec(compile(code, "views.py", "exec"), names)
    function = names["run"]
    assert callable(function)
    with contextlib.redirect_stdout(io.StringIO()) as written:
        function(a, b)
    return written.getvalue()


@pytest.mark.parametrize("form", FORMS)
def test_the_logger_gets_what_print_wrote(form: str, messages: list[str]) -> None:
    before = CODE.format(form=form)
    after = rewritten(before)
    assert "print(" not in after.replace("pprint(", "").replace("pprint import", "")

    @given(a=VALUES, b=VALUES)
    @settings(max_examples=60, deadline=None)
    def same(a: object, b: object) -> None:
        messages.clear()
        wrote, error = "", None
        try:
            wrote = run(before, a, b)
        except (TypeError, ValueError) as raised:  # such as "%s" % ()
            error = type(raised)
        if error:
            with pytest.raises(error):
                run(after, a, b)
            return
        assert run(after, a, b) == ""
        assert [f"{message}\n" for message in messages] == [wrote]

    same()


def test_a_lone_empty_line_and_a_used_value_are_left(tmp_path: Path) -> None:
    source = Source("shop/views.py", b"def run(a):\n    if a:\n        print()\n    return print(a)\n")
    result = fix.fix_source(source, checks.check_source(source, CHOSEN).findings, CHOSEN)
    assert not result.done
    assert result.data == source.data


def test_an_empty_line_among_other_statements_of_a_line_goes() -> None:
    code = b"logger = 1\n\n\ndef run(a):\n    # first\n    a(); print(); a()\n    if a: print(); a()\n    if a: a(); print()\n"
    source = Source("shop/views.py", code)
    result = fix.fix_source(source, checks.check_source(source, CHOSEN).findings, CHOSEN)
    assert result.data == code.replace(b" print();", b"").replace(b"; print()", b"")
