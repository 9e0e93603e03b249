"""The fix of ineffective-ratelimit: a limit moves below the decorator that registers its route."""

from __future__ import annotations

import ast

import libcst as cst

from holdfast.code.scopes import FunctionNode
from holdfast.code.source import Source
from holdfast.routes import limiters
from holdfast.rule import Options, Replacement


def fix(source: Source, node: ast.AST, updated: cst.CSTNode, _options: Options) -> Replacement | str:
    """The limit as it is, at its new place, or why it is left alone."""
    function = source.parent(node)
    if not isinstance(node, ast.Call) or not isinstance(updated, cst.Call) or not isinstance(function, FunctionNode):
        return "it is no decorator of a function"
    below = limiters.place_below(source, function, node)
    return below if isinstance(below, str) else Replacement(node=updated, below=below)
