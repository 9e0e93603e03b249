"""What validates the body of a request, and what divides a list into pages."""

from __future__ import annotations

import ast

from holdfast.code import definitions
from holdfast.code.words import words, wordset
from holdfast.routes import dependencies, handlers
from holdfast.routes.controls import Control
from holdfast.secrets import names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from holdfast.code.source import Source
    from holdfast.routes.routing import Piece, Route

VALIDATING = wordset("is_valid validate_on_submit validate model_validate parse_obj validate_json load use_args use_kwargs expect")
MODELS = ("pydantic.", "msgspec.", "marshmallow.", "sqlmodel.")
PAGES = wordset("page pages paginate paginated pagination paginator offset limit cursor per")


def validation(route: Route, pieces: list[Piece]) -> Control | None:
    """Return the model, serializer or form that validates the body of a request."""
    for function in handlers.functions(route):
        for annotation in dependencies.parameters(function.node):
            model = _model(function.source, annotation)
            if model:
                return model
    for name in handlers.FORM_ATTRIBUTES if route.handler else ():
        own = definitions.member(route.handler, name) if route.handler else None
        if own:
            return Control(what=name, source=own.source, node=own.node)
    return next((found for piece in pieces if (found := _validating(piece))), None)


def _model(source: Source, annotation: ast.expr) -> Control | None:
    """Return the class of pydantic or the like that an annotation names."""
    for node in ast.walk(annotation):
        found = definitions.resolve(source, node) if isinstance(node, ast.Name | ast.Attribute) else None
        if found and any(base.startswith(MODELS) for base in definitions.foreign_bases(found)):
            return Control(what=found.name, source=found.source, node=found.node)
    return None


def _validating(piece: Piece) -> Control | None:
    """Return a decorator or a call that validates."""
    if piece.where == "decorator" and piece.name in VALIDATING:
        return Control(what=piece.name, source=piece.source, node=piece.node)
    for node in ast.walk(piece.node) if piece.where == "body" else ():
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in VALIDATING:
            return Control(what=piece.source.show(node.func), source=piece.source, node=node)
    return None


def pagination(route: Route, pieces: list[Piece]) -> Control | None:
    """Return the parameter, class or call that divides a list into pages."""
    for name in ("pagination_class", "paginate_by") if route.handler else ():
        own = definitions.member(route.handler, name) if route.handler else None
        if own and not (isinstance(own.node, ast.Constant) and own.node.value is None):
            return Control(what=name, source=own.source, node=own.node)
    return next((found for piece in pieces if piece.where == "body" and (found := _paging(piece))), None)


def _paging(piece: Piece) -> Control | None:
    """Return a parameter like `page`, or a call like `paginate`."""
    for node in ast.walk(piece.node):
        if isinstance(node, ast.arg) and PAGES & set(words(node.arg)):
            return Control(what=node.arg, source=piece.source, node=node)
        if isinstance(node, ast.Call) and PAGES & set(words(secrets.spoken_name(node.func))):
            return Control(what=piece.source.show(node.func), source=piece.source, node=node)
    return None
