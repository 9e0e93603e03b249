"""What a rule's fix returns: a node for a node."""

from __future__ import annotations

from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import libcst as cst


class Replacement(Record):
    """What a rule's fix puts in the place of a node, and what this needs.

    node: None removes the expression statement that the node is. imports: (module, name or None). definitions: lines to stand
    after the imports, each once.
    """

    node: cst.BaseExpression | None
    imports: tuple[tuple[str, str | None], ...] = ()
    definitions: tuple[str, ...] = ()
