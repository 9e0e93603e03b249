"""Split identifiers into words."""

from __future__ import annotations

import re
from functools import lru_cache

WORD = r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+"


def wordset(text: str) -> frozenset[str]:
    """The words of a text. Long lists of words are written as text because it is easier to read."""
    return frozenset(text.split())


@lru_cache(maxsize=4096)
def words(identifier: str) -> tuple[str, ...]:
    """An identifier's words in lower case: `userApiKey2` is ("user", "api", "key", "2")."""
    return tuple(word.lower() for word in re.findall(WORD, identifier))


def singular(identifier: str) -> str:
    """The name of one element of a collection with this name: `valid_sigs` contains a `valid_sig`."""
    lowered = identifier.lower()
    return identifier[:-1] if lowered.endswith("s") and not lowered.endswith("ss") else identifier
