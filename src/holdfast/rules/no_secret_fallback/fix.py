"""The fix of no-secret-fallback: `os.environ["X"]` for `os.getenv("X", "...")` and `os.environ.get("X", "...")`."""

from __future__ import annotations

import ast

import libcst as cst

from holdfast.code.source import Source
from holdfast.rule import Replacement


def fix(source: Source, node: ast.AST, updated: cst.CSTNode, options: object) -> Replacement | str:  # noqa: ARG001  # no option
    """A look-up that raises if the variable is not set, or why the call is left alone."""
    if not isinstance(node, ast.Call) or not isinstance(updated, cst.Call):
        return "only a call is rewritten"
    code = cst.Module([]).code_for_node(updated)
    if "#" in code.replace(ast.unparse(node.args[1]), ""):
        return "a comment stands in it"
    environ, imports = _environ(source, node)
    if environ is None:
        return "the name os means something else here"
    index = cst.SubscriptElement(cst.Index(updated.args[0].value))
    return Replacement(node=cst.Subscript(value=environ, slice=[index], lpar=updated.lpar, rpar=updated.rpar), imports=imports)


def _environ(source: Source, node: ast.Call) -> tuple[cst.BaseExpression | None, tuple[tuple[str, str | None], ...]]:
    """`os.environ` by the name that the file has for it, or with an import."""
    if isinstance(node.func, ast.Attribute):
        held = source.show(node.func.value, redact=False)
        if source.qualname(node.func) == "os.environ.get":
            return cst.parse_expression(held), ()
        return cst.parse_expression(f"{held}.environ"), ()
    if "os" in source.binder_table:
        return None, ()
    return cst.parse_expression("os.environ"), (("os", None),)
