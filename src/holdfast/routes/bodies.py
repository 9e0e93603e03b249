"""What checks the body of a request, and what divides a list into pages."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.words import words, wordset
from holdfast.record import Record
from holdfast.routes import around
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source
    from holdfast.routes.routing import Piece, Route

VALIDATING = wordset("is_valid validate_on_submit validate model_validate parse_obj validate_json load use_args use_kwargs expect")
MODELS = ("pydantic.", "msgspec.", "marshmallow.", "sqlmodel.")
PAGES = wordset("page pages paginate paginated pagination paginator offset limit cursor per")


class Sign(Record):
    """What does it, in words, and where that stands."""

    what: str
    source: Source
    node: ast.AST


def validation(route: Route, pieces: list[Piece]) -> Sign | None:
    """The model, serializer or form that a request's body goes through."""
    for function in around.functions(route):
        for annotation in around.parameters(function.node):
            model = _model(function.source, annotation)
            if model:
                return model
    for name in around.FORM_ATTRIBUTES if route.handler else ():
        own = definitions.member(route.handler, name) if route.handler else None
        if own:
            return Sign(what=name, source=own.source, node=own.node)
    return next((found for piece in pieces if (found := _validates(piece))), None)


def _model(source: Source, annotation: ast.expr) -> Sign | None:
    """The class of pydantic's or the like that an annotation names."""
    for node in ast.walk(annotation):
        found = definitions.resolve(source, node) if isinstance(node, ast.Name | ast.Attribute) else None
        if found and any(base.startswith(MODELS) for base in definitions.foreign_bases(found)):
            return Sign(what=found.name, source=found.source, node=found.node)
    return None


def _validates(piece: Piece) -> Sign | None:
    """A decorator or a call that validates."""
    if piece.where == "decorator" and piece.name in VALIDATING:
        return Sign(what=piece.name, source=piece.source, node=piece.node)
    for node in ast.walk(piece.node) if piece.where == "body" else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VALIDATING:
            return Sign(what=piece.source.show(node.func), source=piece.source, node=node)
    return None


def pagination(route: Route, pieces: list[Piece]) -> Sign | None:
    """The parameter, class or call by which a list comes in pages."""
    for name in ("pagination_class", "paginate_by") if route.handler else ():
        own = definitions.member(route.handler, name) if route.handler else None
        if own and not (isinstance(own.node, ast.Constant) and own.node.value is None):
            return Sign(what=name, source=own.source, node=own.node)
    return next((found for piece in pieces if piece.where == "body" and (found := _divides(piece))), None)


def _divides(piece: Piece) -> Sign | None:
    """A parameter like `page`, or a call like `paginate`."""
    for node in ast.walk(piece.node):
        if isinstance(node, ast.arg) and PAGES & set(words(node.arg)):
            return Sign(what=node.arg, source=piece.source, node=node)
        if isinstance(node, ast.Call) and PAGES & set(words(secrets.spoken_name(node.func))):
            return Sign(what=piece.source.show(node.func), source=piece.source, node=node)
    return None
