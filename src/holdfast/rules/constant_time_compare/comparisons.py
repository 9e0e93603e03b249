"""Comparisons of two sides, and what is known of each: names, how a side was made, whether a request brings it."""

from __future__ import annotations

import ast
from functools import cached_property

from holdfast.code import values
from holdfast.code.words import singular, words, wordset
from holdfast.record import Record
from holdfast.rules.constant_time_compare import place
from holdfast.rules.constant_time_compare.place import Place
from holdfast.secrets import made as computed, names as secrets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from holdfast.code.source import Source
    from holdfast.secrets.made import Made

OPERATORS = {ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in"}
GENERIC = wordset("actual expected given provided stored received a b x y c value candidate computed calculated correct known")
QUALIFIED = wordset(
    "expected valid computed calculated correct provided received given supplied submitted request header stored msg"
)


class Comparison(Record):
    """Two sides and what compares them; node is where a finding stands. Facts are looked up when a sign or silencer needs them."""

    source: Source
    node: ast.AST
    operator: str
    left: ast.expr
    right: ast.expr

    @property
    def is_search(self) -> bool:
        """Whether something is looked for in a collection."""
        return self.operator.endswith("in")

    @property
    def is_equality(self) -> bool:
        """Whether the test holds where both sides are the same."""
        return self.operator in ("==", "in", "case")

    @property
    def sides(self) -> tuple[ast.expr, ast.expr]:
        """Left and right."""
        return self.left, self.right

    @property
    def both_ways(self) -> tuple[tuple[ast.expr, ast.expr], tuple[ast.expr, ast.expr]]:
        """Left and right, right and left: to ask the same of each side."""
        return (self.left, self.right), (self.right, self.left)

    @cached_property
    def names(self) -> list[list[str]]:
        """The names of each side: its own first, then those of what it was assigned from."""
        found = [secrets.names(self.source, side) for side in self.sides]
        return [found[0], [singular(name) for name in found[1]]] if self.is_search else found

    @cached_property
    def strengths(self) -> list[int]:
        """How surely each side is a secret by its names: 0 to 2."""
        return [max(map(secrets.strength, own), default=0) for own in self.names]

    @property
    def best(self) -> int:
        """How surely one side is a secret."""
        return max(self.strengths)

    @cached_property
    def nouns(self) -> set[str]:
        """What the sides are, by those of their names that are secret: {"token", "hash"}."""
        return {secrets.noun(name) for own in self.names for name in own if secrets.strength(name)}

    @cached_property
    def is_qualified(self) -> bool:
        """Whether a side says what it is compared for: `expected_token`."""
        return any(QUALIFIED & set(words(name)) for own in self.names for name in own)

    @cached_property
    def place(self) -> Place:
        """The words around."""
        return place.of(self.source, self.node)

    @cached_property
    def external(self) -> list[ast.expr]:
        """The sides that a request brings."""
        return [side for side in self.sides if values.is_external(self.source, side)]

    @cached_property
    def refusal(self) -> ast.stmt | None:
        """The statement that refuses somebody by this comparison."""
        return place.refusal(self.source, self.node)

    @cached_property
    def made(self) -> list[tuple[ast.expr, Made]]:
        """The sides that are secret by how they were made."""
        own = self.names[0]
        sought = not self.is_search or any(map(secrets.strength, own)) or set(own) <= GENERIC
        sides = self.sides if sought else (self.left,)
        return [(side, found) for side in sides if (found := computed.secret(self.source, side))]

    @cached_property
    def origins(self) -> list[list[ast.expr]]:
        """Each side without wrappers, and what it may stand for."""
        return [values.origins(self.source, secrets.unwrapped(side)) for side in self.sides]

    @property
    def is_presented(self) -> bool:
        """Whether somebody outside may present a side: by a request, where secrets are verified, or in a server's file."""
        around = self.place
        verifies = around.verifies_secrets or around.compares_secrets or bool(around.around & place.CIPHERS)
        return verifies or bool(self.external) or self.finds_its_owner or place.is_server(self.source)

    @property
    def finds_its_owner(self) -> bool:
        """Whether somebody is looked for by a secret: `user.api_key == api_key`, for each user."""
        certain = min(self.strengths) == secrets.CERTAIN
        return certain and any(_is_field_of_each(self.source, side) for side in self.sides)


def every(source: Source) -> Iterator[Comparison]:
    """The comparisons of a file by `==`, `!=`, `in`, `not in` and `case`."""
    for compare in source.nodes(ast.Compare):
        yield from of(source, compare)
    for pattern in source.nodes(ast.MatchValue):
        statement = source.enclosing(pattern, ast.Match)
        if statement:
            yield Comparison(source=source, node=pattern, operator="case", left=statement.subject, right=pattern.value)


def of(source: Source, compare: ast.Compare) -> Iterator[Comparison]:
    """The comparisons in `a == b == c`."""
    sides = [compare.left, *compare.comparators]
    for left, operator, right in zip(sides, compare.ops, sides[1:], strict=False):
        if type(operator) in OPERATORS:
            yield Comparison(source=source, node=compare, operator=OPERATORS[type(operator)], left=left, right=right)


def _is_field_of_each(source: Source, side: ast.expr) -> bool:
    """Whether a side is a field of each thing that a loop or a lambda goes through: `key.value` in `for key in keys`."""
    field = secrets.unwrapped(side)
    if not isinstance(field, ast.Attribute) or not isinstance(field.value, ast.Name):
        return False
    loops = (ast.For, ast.AsyncFor, ast.comprehension, ast.Lambda)
    binders = source.binders(field.value.id, field)
    return any(isinstance(above, loops) for binder in binders for above in list(source.ancestors(binder))[:2])


def owner(side: ast.expr) -> ast.expr | None:
    """Whose field a side is: `user` of `user.token`, `user["token"]` and `user.get("token")`."""
    match secrets.unwrapped(side):
        case ast.Attribute(value=held) | ast.Subscript(value=held) | ast.Call(func=ast.Attribute(attr="get", value=held)):
            return held
    return None


def spelling(node: ast.AST) -> str:
    """An expression as canonical text, to be compared with another one; `data.get("token")` as `data["token"]`."""
    match node:
        case ast.Call(func=ast.Attribute(attr="get", value=held), args=[ast.Constant() as key, *_]):
            return f"{ast.unparse(held)}[{ast.unparse(key)}]"
    return ast.unparse(node)
