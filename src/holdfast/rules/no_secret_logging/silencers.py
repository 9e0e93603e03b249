"""What shows that no secret is shown."""

from __future__ import annotations

import ast
import re

from holdfast.code import values
from holdfast.code.words import words, wordset
from holdfast.rule import STRUCTURE, WORDS, Silencer
from holdfast.rules.no_secret_logging.shown import Shown
from holdfast.secrets.names import CERTAIN, HARMLESS, TAILS, WRAPPERS, spoken_words, strength

HIDING = wordset(
    "mask masked redact redacted obfuscate censor sanitize anonymize hide hidden truncate shorten hash sha256 md5 fingerprint"
)
MEASURING = wordset("len bool type id count sum any all isinstance int float")
HIDDEN_TYPES = wordset("SecretStr SecretBytes Secret bool int float")
SHORTEST_HIDDEN = 8
"""Slices with at most so many characters are masks."""
COMMAND_LINE = wordset("argparse optparse click typer fire docopt getopt cmd2 knack")
SPEAKING = wordset("cli cmd command commands management manage script scripts bin tool tools example examples demo docs")
OTHER_TRADES = wordset(
    "lexer parser tokenizer tokenize grammar syntax compiler llm nlp tokens trade trading swap liquidity wallet chain blockchain "
    "market strategy"
)
DEVELOPMENT = wordset("dev debug development local testing")


def is_number(shown: Shown) -> bool:
    """Whether the value is formatted as a number, or is one, or a boolean, by what is assigned to it."""
    if shown.as_number:
        return True
    origins = values.origins(shown.source, shown.value)[1:]
    return bool(origins) and all(map(_is_plain, origins))


def _is_plain(origin: ast.expr) -> bool:
    match origin:
        case ast.Compare() | ast.Constant(value=bool() | int() | float() | None) | ast.UnaryOp(op=ast.Not()):
            return True
        case ast.Call(func=ast.Name(id=name)):
            return name in MEASURING
    return False


def is_masked(shown: Shown) -> bool:
    """Whether the value is a short part of the secret, or what a function that hides it returns."""
    for origin in (shown.value, *values.origins(shown.source, shown.value)[1:]):
        match origin:
            case ast.Subscript(slice=ast.Slice(lower=lower, upper=upper)):
                ends = [_number(end) for end in (lower, upper) if end is not None]
                if ends and all(end is not None and abs(end) <= SHORTEST_HIDDEN for end in ends):
                    return True
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if HIDING & set(words(name)) or name in HIDING:
                return True
            case ast.BinOp(op=ast.Add() | ast.Mult()) | ast.JoinedStr():
                if any(
                    isinstance(part, ast.Constant) and re.search(r"\*|…|\.\.\.|x{3}", str(part.value)) for part in ast.walk(origin)
                ):
                    return True
    return False


def _number(end: ast.expr) -> int | None:
    match end:
        case ast.Constant(value=int(number)) | ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
            return number
    return None


def has_hiding_type(shown: Shown) -> bool:
    """Whether an annotation says that the value hides itself, or is a number or a boolean."""
    source, value = shown.source, shown.value
    annotations: list[ast.AST | None] = []
    if isinstance(value, ast.Name):
        for binder in source.binders(value.id, value):
            above = source.parent(binder)
            annotations.append(binder.annotation if isinstance(binder, ast.arg) else getattr(above, "annotation", None))
    if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name) and value.value.id in ("self", "cls"):
        owner = source.enclosing(value, ast.ClassDef)
        annotations += [
            field.annotation
            for field in ast.walk(owner or ast.Pass())
            if isinstance(field, ast.AnnAssign) and getattr(field.target, "id", getattr(field.target, "attr", "")) == value.attr
        ]
    named = {
        name for one in annotations if one for part in ast.walk(one) if (name := getattr(part, "id", getattr(part, "attr", "")))
    }
    return bool(named & HIDDEN_TYPES)


def is_exception(shown: Shown) -> bool:
    """Whether the value is the exception that an `except` caught."""
    binders = shown.source.binders(shown.value.id, shown.value) if isinstance(shown.value, ast.Name) else []
    return any(isinstance(binder, ast.ExceptHandler) for binder in binders)


def is_name_of_secret(shown: Shown) -> bool:
    """Whether the value is the name of a secret: a text in the code, or an element of a list of texts."""
    source, value = shown.source, shown.value
    if not isinstance(value, ast.Name):
        return False
    for binder in source.binders(value.id, value):
        above = source.parent(binder)
        if isinstance(above, ast.For | ast.comprehension) and above.target is binder:
            listed = [one for one in values.origins(source, above.iter) if isinstance(one, ast.Tuple | ast.List | ast.Set)]
            if any(one.elts and all(isinstance(part, ast.Constant) for part in one.elts) for one in listed):
                return True
    written = values.of(source, value)
    return value.id.isupper() and bool(written) and all(isinstance(one, ast.Constant) for one in written)


def is_object(shown: Shown) -> bool:
    """Whether a token is an object: the same function reads its other attributes."""
    if strength(shown.name) == CERTAIN or not isinstance(shown.value, ast.Name | ast.Attribute):
        return False
    written = ast.dump(shown.value)
    around = shown.source.function(shown.value) or shown.source.tree
    return any(
        isinstance(part, ast.Attribute) and ast.dump(part.value) == written and part.attr not in METHODS
        for part in ast.walk(around)
    )


METHODS = WRAPPERS | wordset("startswith endswith get items keys values join partition rsplit isdigit find index count")


def is_for_people(shown: Shown) -> bool:
    """Whether `print` speaks to the person who started a program."""
    if not shown.is_printed:
        return False
    path = set(re.split(r"[/_.-]", shown.source.path.lower().removesuffix(".py")))
    if shown.source.function(shown.call) is None:
        return True
    guarded = any(isinstance(above, ast.If) and "__main__" in ast.dump(above.test) for above in shown.source.ancestors(shown.call))
    return guarded or bool(path & SPEAKING or shown.source.imported & COMMAND_LINE)


def is_development(shown: Shown) -> bool:
    """Whether a condition around the call is named for development."""
    for above in shown.source.ancestors(shown.call):
        if isinstance(above, ast.If):
            names = (getattr(part, "id", getattr(part, "attr", "")) for part in ast.walk(above.test))
            if any(DEVELOPMENT & set(words(name)) for name in names):
                return True
    return False


def has_no_authentication(shown: Shown) -> bool:
    """Whether a token has its own name, in a file that does not mention authentication: `media.friendly_token`."""
    has_own_name = any(word not in TAILS for word in spoken_words(shown.name)[:-1])
    speaks_of_it = any(word in shown.source.lowered for word in (b"oauth", b"authenticat", b"authoriz"))
    return strength(shown.name) < CERTAIN and has_own_name and not speaks_of_it


def is_other_trade(shown: Shown) -> bool:
    """Whether tokens are something else here: of a lexer, of a language model, of a chain."""
    if strength(shown.name) == CERTAIN:
        return False
    if HARMLESS & {word for part in ast.walk(shown.value) for word in words(getattr(part, "id", getattr(part, "attr", "")))}:
        return True
    symbol = shown.source.symbol(shown.call)
    return bool(OTHER_TRADES & {*words(shown.source.path.removesuffix(".py").replace("/", "_")), *words(symbol)})


SILENCERS = (
    Silencer("number", STRUCTURE, "the value is a number or a boolean", is_number),
    Silencer("masked", STRUCTURE, "only a part of the secret is shown, or a digest", is_masked),
    Silencer("hiding-type", STRUCTURE, "its annotation is a type that hides it, a number or a boolean", has_hiding_type),
    Silencer("exception", STRUCTURE, "the value is a caught exception", is_exception),
    Silencer("name-of-secret", STRUCTURE, "the value is the name of a secret", is_name_of_secret),
    Silencer("object", STRUCTURE, "the value is an object with attributes of its own", is_object),
    Silencer("for-people", WORDS, "a command-line tool prints it for the person who started it", is_for_people),
    Silencer("development", WORDS, "the condition around is named for development", is_development),
    Silencer(
        "no-authentication",
        WORDS,
        "a token is of its own kind, and nothing is authenticated",
        has_no_authentication,
    ),
    Silencer("other-trade", WORDS, "a token is something else here", is_other_trade),
)
