"""How the bytes of a file are read as text, and searched for words before anything is parsed."""

from __future__ import annotations

import re

# PEP 263: a comment like this in the first or second line names the encoding.
CODING = rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"
BOM = b"\xef\xbb\xbf"
OURS = (b"utf-8", b"utf8", b"ascii", b"us-ascii")


def is_other_encoding(data: bytes) -> bool:
    """Return whether a coding line names another encoding than UTF-8; then words cannot be searched for in the bytes."""
    if b"coding" not in data:
        return False
    found = (re.match(CODING, line) for line in _first_lines(data))
    names = [match[1].lower().replace(b"_", b"-") for match in found if match]
    return any(name not in OURS for name in names)


def _first_lines(data: bytes) -> list[bytes]:
    """The lines that may be a coding line. The parser splits them at \\n, \\r\\n and \\r."""
    return re.split(rb"\r\n|\n|\r", data.removeprefix(BOM), maxsplit=2)[:2]


def decoded(data: bytes) -> str:
    """The text of a file that names its encoding; read as UTF-8 if the encoding is not known or is not one of text."""
    import io
    import tokenize

    try:
        bom = BOM if data.startswith(BOM) else b""
        encoding, _ = tokenize.detect_encoding(io.BytesIO(bom + b"\n".join(_first_lines(data))).readline)
        return data.decode(encoding, "replace")
    except (SyntaxError, LookupError, ValueError):
        return data.decode("utf-8-sig", "replace")


def searchable(data: bytes) -> bytes:
    """The bytes of a file in lower case, with names as Python reads them, to look for words in.

    Python normalises names (NFKC): it reads `print` where a file has the same word in full-width letters.
    """
    lowered = data.lower()
    if lowered.isascii():
        return lowered
    import unicodedata

    return lowered + b"\n" + unicodedata.normalize("NFKC", data.decode("utf-8", "replace")).encode("utf-8", "replace").lower()
