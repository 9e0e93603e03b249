"""Write a drawing of units as Mermaid (which GitHub and GitLab render), DOT (for Graphviz) or SVG. Forbidden imports are red."""

from __future__ import annotations

import re

from holdfast.formats.text import printable
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from holdfast.boundaries.drawing import Arrow, Drawing

RED, GREY, LINE = "#c62828", "#90a4ae", "#37474f"
FILL, CORE_FILL = "#ffffff", "#e3f2fd"
CHARACTER, HEIGHT, GAP = 8, 34, 24  # pixels
MOST = 150
"""The number of units up to which the layout of an SVG takes seconds and the picture is readable."""


def write(drawing: Drawing, form: str) -> str:
    """Return the drawing as `mermaid`, `dot` or `svg`. Raises CheckError if the library for SVG is not installed."""
    return WRITERS[form](drawing)


def _label(arrow: Arrow) -> str:
    return f"{arrow.forbidden} of {arrow.imports}" if arrow.forbidden else str(arrow.imports)


def mermaid(drawing: Drawing) -> str:
    """Return a Mermaid flowchart."""
    names = {unit: f"u{number}" for number, unit in enumerate(drawing.units)}
    lines = ["flowchart LR"]
    lines += [
        f'  {names[unit]}["{_plain(drawing.short(unit))}"]{":::core" if unit in drawing.core else ""}' for unit in drawing.units
    ]
    lines += [f"  {names[arrow.importer]} -->|{_label(arrow)}| {names[arrow.imported]}" for arrow in drawing.arrows]
    red = [str(number) for number, arrow in enumerate(drawing.arrows) if arrow.forbidden]
    lines += [f"  linkStyle {','.join(red)} stroke:{RED},color:{RED}"] if red else []
    return "\n".join([*lines, f"  classDef core fill:{CORE_FILL}"]) + "\n"


def dot(drawing: Drawing) -> str:
    """Return a digraph in Graphviz's language."""
    lines = [f'digraph "{_plain(drawing.title)}" {{', "  rankdir=LR;", "  node [shape=box];"]
    for unit in drawing.units:
        style = f', style=filled, fillcolor="{CORE_FILL}"' if unit in drawing.core else ""
        lines.append(f'  "{unit}" [label="{_plain(drawing.short(unit))}"{style}];')
    for arrow in drawing.arrows:
        style = f', color="{RED}", fontcolor="{RED}"' if arrow.forbidden else ""
        lines.append(f'  "{arrow.importer}" -> "{arrow.imported}" [label="{_label(arrow)}"{style}];')
    return "\n".join([*lines, "}"]) + "\n"


def _plain(text: str) -> str:
    return re.sub(r'["\\\[\]{}<>|]', "", printable(text))


# -- SVG


def svg(drawing: Drawing) -> str:
    """Return an SVG picture with the layout of the library grandalf."""
    from xml.sax.saxutils import escape

    if len(drawing.units) > MOST:
        raise CheckError(
            "option", f"{len(drawing.units)} units are too many for SVG (at most {MOST}): use --drawing mermaid or --drawing dot"
        )
    boxes = _boxes(drawing)
    left, top = (min(box[side] - box[side + 2] / 2 for box in boxes.values()) - GAP for side in (0, 1))
    width, height = (max(box[side] + box[side + 2] / 2 for box in boxes.values()) + GAP for side in (0, 1))
    view = f"{left:.0f} {top:.0f} {width - left:.0f} {height - top:.0f}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" font-family="sans-serif" font-size="13">',
        f"<title>{escape(printable(drawing.title))}</title>",
        "<defs>",
        *(_arrowhead(name, color) for name, color in (("forbidden", RED), ("allowed", GREY))),
        "</defs>",
    ]
    lines += [_line(arrow, boxes) for arrow in sorted(drawing.arrows, key=lambda arrow: bool(arrow.forbidden))]
    for unit, (x, y, w, h) in boxes.items():
        fill = CORE_FILL if unit in drawing.core else FILL
        lines.append(
            f'<rect x="{x - w / 2:.0f}" y="{y - h / 2:.0f}" width="{w:.0f}" height="{h:.0f}" rx="4" fill="{fill}" stroke="{LINE}"/>'
            f'<text x="{x:.0f}" y="{y + 5:.0f}" text-anchor="middle">{escape(printable(drawing.short(unit)))}</text>'
        )
    return "\n".join([*lines, "</svg>"]) + "\n"


def _arrowhead(name: str, color: str) -> str:
    size = 'markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse"'
    return (
        f'<marker id="{name}" viewBox="0 0 8 8" refX="8" refY="4" {size} orient="auto">'
        f'<path d="M0,0 L8,4 L0,8 z" fill="{color}"/></marker>'
    )


def _line(arrow: Arrow, boxes: dict[str, tuple[float, float, float, float]]) -> str:
    """An arrow from the border of one box to the border of another, with the number of imports as its title."""
    (x1, y1, w1, h1), (x2, y2, w2, h2) = boxes[arrow.importer], boxes[arrow.imported]
    start, end = _border((x1, y1), (x2, y2), (w1, h1)), _border((x2, y2), (x1, y1), (w2, h2))
    color, name = (RED, "forbidden") if arrow.forbidden else (GREY, "allowed")
    path = f"M{start[0]:.0f},{start[1]:.0f} L{end[0]:.0f},{end[1]:.0f}"
    return (
        f'<path d="{path}" stroke="{color}" stroke-width="{2 if arrow.forbidden else 1}" fill="none" marker-end="url(#{name})">'
        f"<title>{arrow.importer} imports {arrow.imported}: {_label(arrow)}</title></path>"
    )


def _border(here: tuple[float, float], there: tuple[float, float], size: tuple[float, float]) -> tuple[float, float]:
    """The point at which the line from the center of a box to another point leaves the box."""
    dx, dy = there[0] - here[0], there[1] - here[1]
    scale = min((size[0] / 2 / abs(dx) if dx else 1e9), (size[1] / 2 / abs(dy) if dy else 1e9), 1)
    return here[0] + dx * scale, here[1] + dy * scale


def _boxes(drawing: Drawing) -> dict[str, tuple[float, float, float, float]]:
    """The center (x, y), width and height of each unit's box. Unconnected parts of the drawing are placed below each other."""
    try:
        from grandalf.graphs import Edge, Graph, Vertex
        from grandalf.layouts import SugiyamaLayout
    except ImportError as error:
        raise CheckError(
            "option", "SVG needs the extra `graph`: run pip install 'holdfast[graph]', or use --drawing mermaid or --drawing dot"
        ) from error

    vertices = {unit: Vertex(unit) for unit in drawing.units}
    for unit, vertex in vertices.items():
        vertex.view = _View(CHARACTER * len(drawing.short(unit)) + GAP)
    graph = Graph(list(vertices.values()), [Edge(vertices[arrow.importer], vertices[arrow.imported]) for arrow in drawing.arrows])
    found: dict[str, tuple[float, float, float, float]] = {}
    below = 0.0
    for part in graph.C:
        layout = SugiyamaLayout(part)
        layout.xspace, layout.yspace = GAP, 3 * GAP
        layout.init_all()
        layout.draw()
        below = _add_part(found, part.sV, below)
    return {unit: found[unit] for unit in drawing.units}


class _View:
    """The size of a box, which grandalf reads, and its position, which grandalf sets."""

    def __init__(self, width: float) -> None:
        self.w, self.h = width, HEIGHT
        self.xy = (0.0, 0.0)


def _add_part(found: dict[str, tuple[float, float, float, float]], vertices: Iterable[Any], below: float) -> float:
    """Place the boxes of one connected part below the others, and return the y coordinate below them."""
    views: dict[str, _View] = {vertex.data: vertex.view for vertex in vertices}
    top = min(view.xy[1] for view in views.values())
    for unit, view in views.items():
        found[unit] = (view.xy[0], view.xy[1] - top + below + HEIGHT, view.w, view.h)
    return below + max(view.xy[1] for view in views.values()) - top + 2 * HEIGHT


WRITERS: dict[str, Callable[[Drawing], str]] = {"mermaid": mermaid, "dot": dot, "svg": svg}
