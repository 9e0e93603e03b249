"""The fix of constant-time-compare: `hmac.compare_digest`, where both sides are known to be text, or both to be bytes."""

from __future__ import annotations

import ast

import libcst as cst

from holdfast.code import types as kinds
from holdfast.code.source import Source
from holdfast.rule import Replacement

CONSTANT_TIME = ("hmac.compare_digest", "secrets.compare_digest")
ELEMENT_NAMES = ("candidate", "each_candidate", "candidate_value")


def fix(source: Source, node: ast.AST, updated: cst.CSTNode, options: object) -> Replacement | str:  # noqa: ARG001  # no option
    """A call of `hmac.compare_digest` in the place of a comparison, or why it is left alone."""
    if not isinstance(node, ast.Compare) or not isinstance(updated, cst.Comparison) or len(node.ops) != 1:
        return "only a comparison of two sides is rewritten"
    function, imports = _function(source, node)
    if function is None:
        return "the names hmac and compare_digest mean something else here"
    left, right = updated.left, updated.comparisons[0].comparator
    between = _between(updated.comparisons[0].operator)
    if between is None:
        return "comments stand on both sides of the operator"
    if isinstance(node.ops[0], ast.In | ast.NotIn):
        call = _any(source, node, function, left, right)  # a literal keeps its own line breaks
    else:
        kind, why = kinds.same(source, node.left, node.comparators[0])
        call = _compare(function, kind, left, right, between) if kind else why
    if isinstance(call, str):
        return call
    if isinstance(node.ops[0], ast.NotEq | ast.NotIn):
        negated = cst.UnaryOperation(operator=cst.Not(), expression=call)
        return Replacement(node=negated.with_changes(lpar=updated.lpar, rpar=updated.rpar), imports=imports)
    return Replacement(node=call.with_changes(lpar=updated.lpar, rpar=updated.rpar), imports=imports)


def _function(source: Source, node: ast.AST) -> tuple[cst.BaseExpression | None, tuple[tuple[str, str | None], ...]]:
    """What to call: by a name that the file has for it already, else by one that is imported for it."""
    for alias in source.nodes(ast.alias):
        bound = alias.asname or alias.name
        for suffix in ("", ".compare_digest"):
            if "." in bound or bound not in source.binder_table:
                continue
            expression = ast.parse(f"{bound}{suffix}", mode="eval").body
            if _resolves(source, bound, node, alias) and _name_of(source, alias) + suffix in CONSTANT_TIME:
                return cst.parse_expression(ast.unparse(expression)), ()
    if "hmac" not in source.binder_table:
        return cst.parse_expression("hmac.compare_digest"), (("hmac", None),)
    if "compare_digest" not in source.binder_table:
        return cst.Name("compare_digest"), (("hmac", "compare_digest"),)
    return None, ()


def _resolves(source: Source, name: str, node: ast.AST, alias: ast.alias) -> bool:
    """Whether a name means just this import where a node stands."""
    return source.binders(name, node) == [alias]


def _name_of(source: Source, alias: ast.alias) -> str:
    above = source.parent(alias)
    if isinstance(above, ast.ImportFrom):
        return f"{above.module}.{alias.name}" if not above.level else ""
    return alias.name


def _between(operator: cst.BaseCompOp) -> cst.BaseParenthesizableWhitespace | None:
    """The white space around an operator that a comma is to keep: its line break and comment; None where there are two."""
    before, after = getattr(operator, "whitespace_before", None), getattr(operator, "whitespace_after", None)
    broken = [space for space in (before, after) if isinstance(space, cst.ParenthesizedWhitespace)]
    if len(broken) > 1 and all(space.first_line.comment for space in broken):
        return None
    commented = [space for space in broken if space.first_line.comment or space.empty_lines]
    kept = commented or broken
    return kept[0] if kept else cst.SimpleWhitespace(" ")


def _compare(
    function: cst.BaseExpression,
    kind: str,
    left: cst.BaseExpression,
    right: cst.BaseExpression,
    between: cst.BaseParenthesizableWhitespace,
) -> cst.Call:
    sides = [_encoded(side) if kind == "str" else side for side in (left, right)]
    return cst.Call(func=function, args=[cst.Arg(sides[0], comma=cst.Comma(whitespace_after=between)), cst.Arg(sides[1])])


def _encoded(side: cst.BaseExpression) -> cst.BaseExpression:
    """`side.encode()`, in parentheses where the dot would bind to a part of it."""
    simple = isinstance(side, cst.Name | cst.Attribute | cst.Call | cst.Subscript | cst.SimpleString | cst.FormattedString)
    if not simple and not side.lpar:
        side = side.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return cst.Call(func=cst.Attribute(value=side, attr=cst.Name("encode")))


def _any(
    source: Source, node: ast.Compare, function: cst.BaseExpression, left: cst.BaseExpression, right: cst.BaseExpression
) -> cst.Call | str:
    """`any([... for candidate in ...])`: a list and no generator, so that the time does not tell which element it was."""
    collection = node.comparators[0]
    if not isinstance(collection, ast.List | ast.Tuple | ast.Set) or not collection.elts:
        return "what the collection holds cannot be told here"
    found = [kinds.same(source, node.left, element) for element in collection.elts]
    why = next((reason for _, reason in found if reason), "")
    if why:
        return why
    name = next((name for name in ELEMENT_NAMES if name not in source.binder_table), "")
    if not name:
        return "no free name for an element"
    comparison = _compare(function, found[0][0], left, cst.Name(name), cst.SimpleWhitespace(" "))
    comprehension = cst.ListComp(elt=comparison, for_in=cst.CompFor(target=cst.Name(name), iter=right))
    return cst.Call(func=cst.Name("any"), args=[cst.Arg(comprehension)])
