"""What a rule's fix returns: a node for a node."""

from __future__ import annotations

from holdfast.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    import libcst as cst


class Replacement(Record):
    """What a rule's fix puts in the place of a node, and the imports that this needs: (module, name or None)."""

    node: cst.BaseExpression
    imports: tuple[tuple[str, str | None], ...] = ()
