"""Random Python files: mutated real files, generated code, and hostile bytes."""

# ruff: noqa: RUF001  # letters that look like others are the point

from __future__ import annotations

import random
import sysconfig
from pathlib import Path

LINE_ENDS = (b"\n", b"\r\n", b"\r")
SPLICES = (
    b"print('a')", b"token == request.headers['t']", b"hmac.new(k).hexdigest() == signature", b"# holdfast: ignore[no-print] x",
    b"# -*- coding: latin-1 -*-", b"\xef\xbb\xbf", b"\x00", b"\x0c", b"\\\n", b"\xff", b"if __name__ == '__main__':",
    b"global token",
    b"import sys; sys.exit(print(1))", b"{" * 90, b"@app.post('/login')", b"lambda token: token == secret",
    b"match token:\n  case _: 0\n",
    "f'{print(\"ä\")}'".encode(), "ｐｒｉｎｔ(1)".encode(), "ｔｏｋｅｎ == secret_token".encode(), "x = 'ſ\u2028\u0085'".encode(),
)  # fmt: skip
CODINGS = (
    "utf-8",
    "latin-1",
    "cp1252",
    "utf-7",
    "utf-8-sig",
    "rot13",
    "hex",
    "idna",
    "unicode_escape",
    "cp037",
    "shift_jis",
    "mbcs",
)
EXPRESSIONS = (
    "print({0})", "({0} == {1})", "[{0}, {1}]", "{{{0}: {1}}}", "f'{{{0}}}'", "(lambda token: {0})", "({0} if {1} else token)",
    "[token for token in [{0}] if {1}]", "request.headers.get({0})", "hmac.new({0}).hexdigest()", "({0}).token", "not {0}",
    "({0} and {1})", "({0} + {1})", "compare({0}, *{1})", "(token := {0})", "{0}[{1}]",
)  # fmt: skip
LEAVES = (
    "token",
    "secret",
    "'a'",
    "b'a'",
    "1",
    "None",
    "password",
    "self.api_key",
    "os.environ['KEY']",
    "ｐｒｉｎｔ",
    "ä",
    "0x" + "f" * 40,
)
STATEMENTS = (
    "{0}", "token = {0}", "if {0}:\n{2}", "if {0}:\n{2}else:\n{2}", "for token in {0}:\n{2}", "while {0}:\n{2}", "return {0}",
    "def verify_{3}(token, other={0}):\n{2}", "@limit({0})\ndef login_{3}(request):\n{2}", "class A{3}(B):\n{2}",
    "try:\n{2}except {0}:\n{2}", "with {0} as token:\n{2}", "match {0}:\n case token:\n  pass", "assert {0} != {1}", "raise {0}",
    "global token", "async def f{3}(self):\n{2}", "del token", "import a{3} as token", "self.token = {0}",
    "{0}  # holdfast: ignore[no-print]",
)  # fmt: skip


def corpus(folders: list[str]) -> list[Path]:
    """The Python files in folders; without any, those of the standard library."""
    roots = [Path(folder) for folder in folders] or [Path(sysconfig.get_path("stdlib"))]
    found = (path for root in roots for path in root.rglob("*.py") if "site-packages" not in path.parts and path.is_file())
    return sorted(path for path in found if path.stat().st_size < 60_000)


def make(seed: int, files: list[Path]) -> bytes:
    """The file of a seed; the same seed and files make the same file."""
    source = random.Random(seed)  # a test
    kind = source.randrange(10)
    if kind < 6:
        data = _mutated(source, source.choice(files).read_bytes())
    elif kind < 9:
        data = "".join(_statement(source, 0, 3) for _ in range(source.randrange(1, 12))).encode("utf-8", "surrogatepass")
    else:
        data = source.randbytes(source.randrange(1, 200))
    return _dressed(source, data)


def _mutated(source: random.Random, data: bytes) -> bytes:
    """A real file with some lines repeated, left out, swapped, or with something put in."""
    lines = data.split(b"\n")
    for _ in range(source.randrange(1, 8)):
        at, other = source.randrange(len(lines)), source.randrange(len(lines))
        indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
        match source.randrange(7):
            case 0:
                lines[at:at] = [lines[at]] * source.choice((1, 2, 50, 400))
            case 1:
                del lines[at : at + source.randrange(3)]
                lines = lines or [b""]
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                cut = source.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:cut] + source.choice(SPLICES) + lines[at][cut:]
            case _:
                lines.insert(at, indent + source.choice(SPLICES))
    return b"\n".join(lines)


def _dressed(source: random.Random, data: bytes) -> bytes:
    """A file with other line ends, a coding line or a byte order mark."""
    if not source.randrange(4):
        coding = f"# vim: set fileencoding={source.choice(CODINGS)} :\n".encode()
        data = source.choice((b"", b"\n", b"# " + b"x" * 500 + b"\n", b"#!/usr/bin/python\n", b"x = 1\n")) + coding + data
    if not source.randrange(4):
        data = data.replace(b"\n", source.choice(LINE_ENDS))
    return b"\xef\xbb\xbf" + data if not source.randrange(20) else data


def _expression(source: random.Random, depth: int) -> str:
    if not depth or not source.randrange(4):
        return source.choice(LEAVES)
    return source.choice(EXPRESSIONS).format(_expression(source, depth - 1), _expression(source, depth - 1))


def _statement(source: random.Random, indent: int, depth: int) -> str:
    body = "".join(_statement(source, indent + 1, depth - 1) for _ in range(source.randrange(1, 4))) if depth else " pass\n"
    form = source.choice(STATEMENTS if depth else [form for form in STATEMENTS if "{2}" not in form])
    text = form.format(_expression(source, 3), _expression(source, 2), "\0", source.randrange(5))
    lines = [" " * indent + line for line in text.split("\n")]
    return "".join(body if line.strip() == "\0" else f"{line}\n" for line in lines).replace("\0", body)
