"""The level of a message, and whether it is logged with a traceback."""

from __future__ import annotations

import ast
import re

import libcst as cst

from holdfast.rules.no_print import messages

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source

ERRORS = re.compile(
    r"\b(?:errors?|err|fail(?:ed|ure|ures|s|ing)?|exceptions?|cannot|can't|could not|couldn't|unable|invalid|fatal|critical)\b"
)
WARNINGS = re.compile(r"\b(?:warn(?:ing|ings)?|deprecated|deprecation|deprecating)\b")
DEBUG = re.compile(r"\bdebug(?:ging)?\b")
NEGATED = re.compile(
    r"\b(?:no|without|0|zero|not an?|ignoring|ignored?)\s+(?:\w+\s+)?(?:errors?|failures?|exceptions?|warnings?|issues?)\b"
)
BROAD = frozenset({"builtins.Exception", "builtins.BaseException"})


def of(source: Source, node: ast.Call, message: messages.Message, usual: str) -> tuple[str, messages.Message, bool]:
    """The level of a message, the message without the traceback it spells out, and whether the call has to ask for the traceback.

    In a broad handler that is `exception`, unless the handler logs one already. A narrow handler expected its exception: a
    warning without a traceback. Elsewhere the words of the text decide.
    """
    handler = _handler(source, node)
    level = by_words(message.text) or usual
    if handler is None:
        return level, message, False
    shorter = _without_traceback(source, node, message)
    if _logs_already(source, handler, node):
        return ("warning" if level in ("error", usual) else level), message, False
    if not _is_broad(source, handler) and shorter is None:
        return ("warning" if level in ("error", usual) else level), message, False
    message = shorter or message
    named = _without_exception(message, handler.name or "")
    if named is None:
        return "warning", message, True  # the exception is part of the sentence
    return "exception", named, False


def by_words(text: str) -> str:
    """The level that whole words of a text ask for; "" for none. What is denied does not count: "no errors found"."""
    lowered = NEGATED.sub("", text.lower())
    for level, pattern in (("warning", WARNINGS), ("error", ERRORS), ("debug", DEBUG)):
        if pattern.search(lowered):
            return level
    return ""


def _handler(source: Source, node: ast.AST) -> ast.ExceptHandler | None:
    """The `except` around a node, in the same function."""
    for above in source.ancestors(node):
        if isinstance(above, ast.ExceptHandler):
            return above
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            return None
    return None


def _is_broad(source: Source, handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(kind is None or source.qualname(kind) in BROAD for kind in types)


def _logs_already(source: Source, handler: ast.ExceptHandler, node: ast.Call) -> bool:
    """Whether a handler logs the exception with its traceback beside a print."""
    calls = (part for part in ast.walk(handler) if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute))
    return any(
        call is not node
        and isinstance(call.func, ast.Attribute)
        and (
            call.func.attr == "exception"
            or any(keyword.arg == "exc_info" for keyword in call.keywords)
            or source.qualname(call.func) == "traceback.print_exc"
        )
        for call in calls
    ) or _is_second(source, handler, node)


def _is_second(source: Source, handler: ast.ExceptHandler, node: ast.Call) -> bool:
    """Whether a print stands in the same handler above: the first one logs the traceback."""
    printed = [
        call
        for call in ast.walk(handler)
        if isinstance(call, ast.Call) and source.qualname(call.func) == "builtins.print" and call.args
    ]
    return any((call.lineno, call.col_offset) < (node.lineno, node.col_offset) for call in printed)


def _without_traceback(source: Source, node: ast.Call, message: messages.Message) -> messages.Message | None:
    """The message without `traceback.format_exc()`, which logging writes itself; None where it has none."""
    spelled = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
    if not any(source.qualname(call.func) == "traceback.format_exc" for call in spelled):
        return None
    kept = [part for part in message.parts if isinstance(part, str) or not messages.code_of(part[0]).endswith("format_exc()")]
    if len(kept) == len(message.parts):
        return None
    return _trimmed(kept) or messages.Message(parts=("An exception occurred",))


def _without_exception(message: messages.Message, name: str) -> messages.Message | None:
    """The message without the exception at its end, which the traceback shows; None where it is part of the sentence, or all."""
    is_exception = [_is_named(part, name) for part in message.parts]
    if not any(is_exception):
        return message
    if sum(is_exception) > 1 or not is_exception[-1]:
        return None
    return _trimmed(list(message.parts[:-1]))


def _is_named(part: str | tuple[cst.BaseExpression, str], name: str) -> bool:
    return bool(name) and not isinstance(part, str) and bool(re.search(rf"\b{re.escape(name)}\b", messages.code_of(part[0])))


def _trimmed(parts: list[str | tuple[cst.BaseExpression, str]]) -> messages.Message | None:
    """A message without the punctuation that led to what was cut off; None where no word is left."""
    while parts and isinstance(parts[-1], str):
        shorter = parts[-1].rstrip(" \n\t:=,;-('\"")
        if shorter:
            parts[-1] = shorter
            break
        parts.pop()
    text = "".join(part for part in parts if isinstance(part, str))
    return messages.Message(parts=tuple(parts)) if re.search(r"\w", text) else None
