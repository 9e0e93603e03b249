"""The fix of no-print: a call of the module's logger, whose message is what print would have written."""

from __future__ import annotations

import ast

import libcst as cst

from holdfast.code.source import Source
from holdfast.rule import Replacement
from holdfast.rules.no_print import Options, levels, loggers as loggers_fix, messages as message_fix, surroundings
from holdfast.rules.no_print.calls import PRINTERS
from holdfast.rules.no_print.layout import wrapped

PPRINT_OPTIONS = ("indent", "width", "depth", "compact", "sort_dicts", "underscore_numbers")


def fix(source: Source, node: ast.AST, updated: cst.CSTNode, options: Options) -> Replacement | str:
    """A call of a logger in the place of a print, or why it is left alone."""
    if not isinstance(node, ast.Call) or not isinstance(updated, cst.Call) or not isinstance(source.parent(node), ast.Expr):
        return "its value is used"
    if _has_comment(updated):
        return "a comment stands in it"
    name = PRINTERS[source.qualname(node.func) or ""]
    if reason := surroundings.reason_to_leave(source, node):
        return reason
    if name == "print" and _is_ruler(updated):
        return _removed(source, node)
    found = _message(updated) if name == "print" else _pretty(source, node, updated, name)
    if isinstance(found, str):
        return found
    message, imports = found
    logger = loggers_fix.of(source, node)
    if isinstance(logger, str):
        return logger
    level, message, with_traceback = levels.of(source, node, message, options.level)
    method = cst.Attribute(value=logger.callee, attr=cst.Name(level))
    arguments = _arguments(message, logger.library, options)
    if with_traceback:
        arguments += _traceback(logger.library)
        method = _with_traceback(method, logger.library)
    call = wrapped(source, node, cst.Call(func=method, args=arguments))
    return Replacement(node=call, imports=(*imports, *logger.imports), definitions=logger.definitions)


def _has_comment(call: cst.Call) -> bool:
    return "#" in "".join(part.comment.value for part in _trivia(call) if part.comment)


def _trivia(call: cst.Call) -> list[cst.TrailingWhitespace | cst.EmptyLine]:
    found: list[cst.TrailingWhitespace | cst.EmptyLine] = []
    stack: list[cst.CSTNode] = [call]
    while stack:
        node = stack.pop()
        if isinstance(node, cst.TrailingWhitespace | cst.EmptyLine):
            found.append(node)
        stack += node.children
    return found


def _is_ruler(call: cst.Call) -> bool:
    """Whether a print writes nothing, or draws a line: `print()`, `print("")`, `print("=" * 40)`."""
    match call.args:
        case []:
            return True
        case [cst.Arg(keyword=None, star="", value=cst.BinaryOperation(left=cst.SimpleString() as text, operator=cst.Multiply()))]:
            return message_fix.of([text], "").is_ruler
        case [cst.Arg(keyword=None, star="", value=cst.SimpleString() as text)]:
            return message_fix.of([text], "").is_ruler
    return False


def _traceback(library: str) -> list[cst.Arg]:
    """What makes a call log the traceback, where its method does not."""
    return [] if library == "loguru" else [_keyword("exc_info", cst.Name("True"))]


def _with_traceback(method: cst.Attribute, library: str) -> cst.Attribute:
    """`logger.opt(exception=True).warning`, which is what loguru has for `exc_info`."""
    if library != "loguru":
        return method
    opened = cst.Call(func=cst.Attribute(method.value, cst.Name("opt")), args=[_keyword("exception", cst.Name("True"))])
    return method.with_changes(value=opened)


def _removed(source: Source, node: ast.Call) -> Replacement | str:
    """An empty line needs no log; its block needs another statement."""
    statement = source.parent(node)
    block = source.parent(statement) if statement else None
    for field in ("body", "orelse", "finalbody"):
        body = getattr(block, field, [])
        if isinstance(body, list) and statement in body:
            goes = all(_is_empty_print(source, part) for part in body)
            return "it is all that its block does" if goes else Replacement(node=None)
    return "it is all that its block does"


def _is_empty_print(source: Source, statement: ast.stmt) -> bool:
    """Whether a statement is a `print()` that may go as well."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and not call.args and source.qualname(call.func) == "builtins.print"


def _message(call: cst.Call) -> tuple[message_fix.Message, tuple[tuple[str, str | None], ...]] | str:
    separator, values = " ", []
    for argument in call.args:
        if argument.star:
            return "it unpacks its arguments"
        keyword = argument.keyword.value if argument.keyword else ""
        if keyword in ("sep", "end"):
            written = argument.value.evaluated_value if isinstance(argument.value, cst.SimpleString) else None
            none = isinstance(argument.value, cst.Name) and argument.value.value == "None"
            if not isinstance(written, str) and not none:
                return f"its {keyword} is no literal"
            if keyword == "end" and not none and written != "\n":
                return "the next print goes on in its line"
            separator = written if keyword == "sep" and isinstance(written, str) else separator
        elif not keyword:
            values.append(argument.value)
    return message_fix.of(values, separator), ()


def _pretty(
    source: Source, node: ast.Call, call: cst.Call, name: str
) -> tuple[message_fix.Message, tuple[tuple[str, str | None], ...]] | str:
    """`pprint(x)` as `pformat(x)`."""
    if len(call.args) != 1 + sum(argument.keyword is not None for argument in call.args) or any(arg.star for arg in call.args):
        return "its arguments are given by position"
    kept = [arg for arg in call.args if not arg.keyword or arg.keyword.value in PPRINT_OPTIONS]
    if name == "pprint.pp" and not any(arg.keyword and arg.keyword.value == "sort_dicts" for arg in kept):
        kept[-1] = kept[-1].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
        kept.append(_keyword("sort_dicts", cst.Name("False")))
    imports: tuple[tuple[str, str | None], ...] = ()
    if isinstance(node.func, ast.Attribute) and isinstance(call.func, cst.Attribute):
        function: cst.BaseExpression = call.func.with_changes(attr=cst.Name("pformat"))
    elif all(isinstance(binder, ast.alias) for binder in source.binder_table.get("pformat", [])):
        function, imports = cst.Name("pformat"), (("pprint", "pformat"),)
    else:
        return "the name pformat means something else here"
    kept[-1] = kept[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return message_fix.Message(parts=((cst.Call(func=function, args=kept), "s"),)), imports


def _arguments(message: message_fix.Message, style: str, options: Options) -> list[cst.Arg]:
    if style == loggers_fix.OWN:
        return [cst.Arg(message.finished)]
    reserved = message_fix.RESERVED | (message_fix.RESERVED_BY_STRUCTLOG if style == "structlog" else frozenset())
    fields = message.by_name(reserved) if options.structured and message.values else None
    if fields is None:
        return message.arguments(braces=style == "loguru")
    written = " ".join(message.text.split()).strip(" :=,;|/()[]-")
    text = cst.Arg(message_fix.literal(message_fix.escaped(written) if style == "loguru" else written))
    if style != "logging":
        return [text, *(_keyword(name, value) for name, value in fields.items())]
    return [
        text,
        _keyword("extra", cst.Dict([cst.DictElement(message_fix.literal(name), value) for name, value in fields.items()])),
    ]


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    tight = cst.SimpleWhitespace("")
    return cst.Arg(value, keyword=cst.Name(name), equal=cst.AssignEqual(whitespace_before=tight, whitespace_after=tight))
