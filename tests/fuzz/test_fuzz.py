"""A short run of the fuzz target, and the shapes of files whose time once grew with the square of their size."""

# ruff: noqa: RUF001  # letters that look like others are the point

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from holdfast.code.encoding import is_other_encoding
from holdfast.code.source import Source
from holdfast.engine import checks
from holdfast.rule import Finding, Options, Rule
from tests.fuzz import inputs, oracle

SECONDS = 5
MOST = 2.7
"""By how much the time may grow, on average, where a file doubles."""
CRASHED = (
    b"class A:\n    def f(self):\n        print(1)  # holdfast: ignore[no-print] x\n\\\n\n        y = 2\n\n    def g(self): pass\n",
)
"""The parser accepts these files, and the tokenizer does not."""
HIDDEN = (
    "ｐｒｉｎｔ('a')\n".encode(),
    "ｐrint('a')\r".encode(),
    "import hmac\ndef f(k, ſignature):\n    return hmac.ｎew(k).heｘdigest() == ſignature\n".encode(),
    b"# " + b"x" * 500 + b"\n# coding: utf-7\n+AHAAcgBpAG4AdA-('a')\n",
    b"# one\r# coding: utf-7\r+AHAAcgBpAG4AdA-('a')\r",
    b"\xef\xbb\xbf# coding: utf-8\r\nprint('a')\r\n",
)
SHAPES: dict[str, Callable[[int], str]] = {
    "comparisons in one list": lambda n: "x = [" + "token == request.headers['token'],\n" * n + "]\n",
    "comparisons in one line": lambda n: "x = [" + "token == request.headers['ä'], " * n + "]\n",
    "a chain of comparisons": lambda n: "x = token" + " == token" * n + "\n",
    "a chain of elif": lambda n: "def f(token, a):\n    if a:\n        pass\n" + "    elif token == a:\n        a = f(1)\n" * n,
    "decorators": lambda n: "@f(token == secret)\n" * n + "def f():\n    pass\n",
    "with items": lambda n: "with " + ",".join(["f(token == secret) as a"] * n) + ":\n    pass\n",
    "match": lambda n: "match token:\n" + "".join(f"    case 'x{i}':\n        f(token)\n" for i in range(n)),
    "alternatives": lambda n: "match token:\n    case " + "|".join(f"self.x{i}" for i in range(n)) + ":\n        f(token)\n",
    "parameters": lambda n: f"def verify({','.join(f'token{i}' for i in range(n))}):\n    return " + " or ".join(
        f"token{i} == request.token" for i in range(n)
    ),
    "one name bound often": lambda n: "def f(a, signature):\n"
    + "    digest = hmac.new(a).hexdigest()\n    if digest == signature: raise Forbidden\n" * n,
    "one name imported often": lambda n: "from a import token\n" * n + "f(token == secret)\n" * n,
    "returns": lambda n: "def f(a):\n" + "    if a: return token\n" * n + "def g(b):\n" + "    assert f(b) == b\n" * n,
    "methods": lambda n: "class A:\n"
    + "".join(f"    def verify_{i}(self, token):\n        return self.m() == token\n" for i in range(n)),
    "functions": lambda n: "".join(f"def verify_{i}(token):\n    return token == request.headers['t']\n" for i in range(n)),
    "exempt lines": lambda n: "f(1)  # holdfast: ignore[no-print] shown on purpose\n" * n,
    "exempt parts": lambda n: "x = [\n" + "    f(1),  # holdfast: ignore[no-print] shown on purpose\n" * n + "]\n",
    "a block of comments": lambda n: "# holdfast: ignore[no-print] shown on purpose\n" * n + "f(1)\n",
    "an f-string": lambda n: "f'''" + "{f(1)}" * n + "'''\n",
    "lines that end with CR": lambda n: "f(token == secret)\r" * n,
    "prints": lambda n: "print('a')\n" * n,
    "prints in one list": lambda n: "x = [\n" + "    print('a'),\n" * n + "]\n",
}  # fmt: skip


def test_a_short_run() -> None:
    files = inputs.corpus([])
    end, seed = time.monotonic() + SECONDS, 0
    while time.monotonic() < end:
        assert not oracle.problem(inputs.make(seed, files), timed=False), f"seed {seed}"
        seed += 1
    assert seed > 50


@pytest.mark.parametrize("data", HIDDEN)
def test_the_prefilter_sees_what_python_reads(data: bytes) -> None:
    assert len(checks.check_source(Source("shop/a.py", data), oracle.CHOSEN).findings) == 1
    assert not oracle.problem(data, timed=False)


@pytest.mark.parametrize("data", CRASHED)
def test_what_once_ended_in_an_exception(data: bytes) -> None:
    assert not oracle.problem(data, timed=False)


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([b"", b"\xef\xbb\xbf", b"#" + b"x" * 500 + b"\n", b"\n", b"#!a\r", b"\x0c"]),
    st.sampled_from([b"", *(f"# coding: {name}\n".encode() for name in inputs.CODINGS), b"# coding=utf-7\r"]),
    st.sampled_from(
        ["print(1)", "ｐｒｉｎｔ(1)", "a = token == ſecret_token", "+AHAAcgBpAG4AdA-(1)", "KEY == request.ＴＯＫＥＮ", "𝓹𝓻𝓲𝓷𝓽(1)"]
    ),
    st.text(max_size=20),
)
def test_the_prefilter_hides_nothing(start: bytes, coding: bytes, code: str, comment: str) -> None:
    data = start + coding + f"{code}  # {comment}\n".encode("utf-8", "surrogatepass")
    assert not oracle.problem(data, timed=False)


@pytest.mark.parametrize(
    ("data", "is_other"),
    [
        (b"# coding: latin-1\n", True),
        (b"#" + b"x" * 1000 + b"\r# coding: latin-1\r", True),
        (b"# 1\r\n# 2\r\n# coding: latin-1\r\n", False),
        (b"# coding: UTF_8\n", False),
        (b"encoding = 'latin-1'\n", False),
    ],
)
def test_a_coding_line_is_found_where_python_finds_it(data: bytes, is_other: bool) -> None:
    assert is_other_encoding(data) == is_other


@pytest.mark.parametrize("shape", SHAPES)
def test_no_time_grows_faster_than_the_file(shape: str) -> None:
    """Three doublings of each shape: below 3, because 2 is linear and 4 is quadratic."""
    chosen = [_any_call(), *(pair for pair in oracle.CHOSEN if pair[0].name != "no-print")]
    text = SHAPES[shape]
    size = 25
    while _seconds(text(size), chosen, times=1) < 0.004 and size < 1500:
        size *= 2
    for _ in range(3):  # another process may have had the machine
        times = [_seconds(text(size * factor), chosen) for factor in (1, 2, 4, 8)]
        ratios = [longer / shorter for shorter, longer in pairwise(times)]
        if (times[-1] / times[0]) < MOST**3:
            return
    raise AssertionError(f"{shape}: {times}, {ratios}")


def _any_call() -> checks.Chosen:
    """A rule that reports every call, under the name of one that exemptions may name."""

    def check(source: Source, _: Options) -> Iterator[Finding]:
        yield from (source.finding(call, source.show(call)) for call in source.nodes(ast.Call))

    rule = Rule(name="no-print", code="HF301", summary="a call", since="0.1.0", level="warning", check=check, options=Options)
    return rule, Options()


def _seconds(text: str, chosen: list[checks.Chosen], times: int = 3) -> float:
    found: list[float] = []
    for _ in range(times):
        source = Source("shop/a.py", text.encode())
        source.tree  # noqa: B018
        start = time.process_time()
        checks.check_source(source, chosen)
        found.append(time.process_time() - start)
    return min(found)
