"""What a rule's fix returns: a node for a node."""

from __future__ import annotations

from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast

    import libcst as cst


class Replacement(Record):
    """What a rule's fix puts in the place of a node, and what this needs.

    node: None removes the expression statement that the node is. imports: (module, name or None). definitions: lines to stand
    after the imports, each once. below: where the node is a decorator, another one of the same definition under which it moves.
    """

    node: cst.BaseExpression | None
    imports: tuple[tuple[str, str | None], ...] = ()
    definitions: tuple[str, ...] = ()
    below: ast.expr | None = None
