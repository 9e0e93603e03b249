"""Resolve names across files: follow imports to the function, class, module or value that they import."""

from __future__ import annotations

import ast

from holdfast.code import values
from holdfast.code.scopes import FunctionNode
from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from holdfast.code.source import ProjectLike, Source

    Answer = TypeVar("Answer")

DEPTH = 8  # how many imports and assignments are followed, one after the other


class Located(Record):
    """A node and its file: what a name stands for. A function, a class, a whole module, or the expression assigned to a name."""

    source: Source
    node: ast.AST

    @property
    def name(self) -> str:
        """The name of a function or class; "" for others."""
        return getattr(self.node, "name", "")

    @property
    def line(self) -> int:
        """The line of the node, without its decorators; 1 for a module."""
        return getattr(self.node, "lineno", 1)


def remembered(question: Callable[[Located], Answer]) -> Callable[[Located], Answer]:
    """Cache the answer to a question about a node: many routes lead to the same helper."""

    def answered(definition: Located) -> Answer:
        key = (question, definition.node)
        memo = definition.source.memo
        if key not in memo:
            memo[key] = question(definition)
        answer: Answer = memo[key]
        return answer

    return answered


def is_readable(source: Source) -> bool:
    """Return whether a file can be parsed. If it cannot, the run reports the error, and the rule goes on without the file."""
    try:
        return bool(source.tree)
    except CheckError as error:
        if source.project:
            source.project.unreadable[source.path] = error
        return False


def module(project: ProjectLike, dotted: str, importer: str) -> Source | None:
    """The module that a file (its path) imports by a dotted name, leading dots included; None if it is not in the project."""
    return _readable(project, project.modules.find(dotted, importer))


def of_module(source: Source) -> Located:
    """A module as what a name stands for: to ask for its members."""
    return Located(source=source, node=source.tree)


def _readable(project: ProjectLike, path: str) -> Source | None:
    source = project.source(path) if path else None
    return source if source and is_readable(source) else None


def resolve(source: Source, expression: ast.AST, depth: int = DEPTH) -> Located | None:
    """What a name or a chain of attributes stands for, or None if that is not known. Other expressions stand for themselves."""
    if not isinstance(expression, ast.Name | ast.Attribute):
        return Located(source=source, node=expression)
    if depth <= 0:
        return None
    if isinstance(expression, ast.Attribute):
        owner = resolve(source, expression.value, depth - 1)
        return member(owner, expression.attr, depth - 1) if owner else None
    for binder in source.binders(expression.id, expression)[::-1]:
        found = resolve_binder(source, binder, depth)
        if found:
            return found
    return _starred(source, expression.id, depth) if not source.binders(expression.id, expression) else None


def is_missing(source: Source, expression: ast.AST) -> bool:
    """Return whether a name is imported from a package of the project that does not seem to define it."""
    root = expression
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or source.project is None or resolve(source, expression):
        return False
    for binder in source.binders(root.id, root):
        statement = source.parent(binder)
        if isinstance(binder, ast.alias) and isinstance(statement, ast.ImportFrom | ast.Import):
            relative = isinstance(statement, ast.ImportFrom) and statement.level > 0
            named = statement.module if isinstance(statement, ast.ImportFrom) else binder.name
            top = (named or "").partition(".")[0]
            is_own = relative or source.project.modules.has_package(top, source.path)
            made = instance(source, expression.value) if isinstance(expression, ast.Attribute) else None
            return is_own and made is None
    return False


def home(source: Source, expression: ast.expr, depth: int = DEPTH) -> tuple[Source, str]:
    """The module of a variable, and its name there. Imports are followed, assigned values are not."""
    match expression:
        case ast.Name(id=name):
            for binder in source.binders(name, expression):
                found = origin(source, binder, depth)
                if found:
                    return found
            return source, name
        case ast.Attribute(value=value, attr=name):
            owner = resolve(source, value)
            return (owner.source, name) if owner and isinstance(owner.node, ast.Module) else (source, "")
    return source, ""


def origin(source: Source, binder: ast.AST, depth: int = DEPTH) -> tuple[Source, str] | None:
    """The module of an imported variable, and its name there."""
    statement = source.parent(binder)
    if not isinstance(binder, ast.alias) or not isinstance(statement, ast.ImportFrom) or source.project is None:
        return None
    inner = module(source.project, "." * statement.level + (statement.module or ""), source.path)
    if inner is None or inner is source:
        return None
    for again in inner.binders(binder.name, inner.tree.body[0]) if inner.tree.body and depth > 0 else ():
        return origin(inner, again, depth - 1) or (inner, binder.name)
    return None


def member(owner: Located, name: str, depth: int = DEPTH) -> Located | None:
    """What a name stands for in a module or a class; in a class also in its bases."""
    if isinstance(owner.node, ast.Module):
        return _of_module(owner.source, name, depth)
    if isinstance(owner.node, ast.ClassDef):
        for cls in lineage(owner):
            found = own_member(cls, name)
            if found:
                return found
    return None


def own_member(cls: Located, name: str) -> Located | None:
    """What a name stands for in a class, without its bases: a method, a class, or the value of an attribute."""
    return _members(cls).get(name)


@remembered
def _members(cls: Located) -> dict[str, Located]:
    found: dict[str, Located] = {}
    for part in cls.node.body if isinstance(cls.node, ast.ClassDef) else ():
        targets = part.targets if isinstance(part, ast.Assign) else [part.target] if isinstance(part, ast.AnnAssign) else []
        if isinstance(part, FunctionNode | ast.ClassDef):
            found.setdefault(part.name, Located(source=cls.source, node=part))
        for target in targets:
            value = getattr(part, "value", None)
            if isinstance(target, ast.Name) and value:
                found.setdefault(target.id, Located(source=cls.source, node=value))
    return found


@remembered
def lineage(cls: Located) -> list[Located]:
    """A class and its bases, nearest first, as far as the project defines them."""
    found: dict[ast.AST, Located] = {}
    level = [cls]
    for _ in range(DEPTH):
        following: list[Located] = []
        for one in level:
            if one.node in found or not isinstance(one.node, ast.ClassDef):
                continue
            found[one.node] = one
            following += [above for base in one.node.bases if (above := resolve(one.source, _plain(base)))]
        level = following
    return list(found.values())


@remembered
def foreign_bases(cls: Located) -> set[str]:
    """The dotted names of the direct and indirect bases of a class that the project does not define."""
    found: set[str] = set()
    for one in lineage(cls):
        for base in one.node.bases if isinstance(one.node, ast.ClassDef) else ():
            known = resolve(one.source, _plain(base))
            if known is None or not isinstance(known.node, ast.ClassDef):
                found.add(one.source.qualname(_plain(base)) or one.source.show(base))
    return found


def _plain(base: ast.expr) -> ast.expr:
    return base.value if isinstance(base, ast.Subscript) else base  # Generic[T]


def _of_module(source: Source, name: str, depth: int) -> Located | None:
    if source.tree.body:
        for binder in source.binders(name, source.tree.body[0])[::-1]:
            found = resolve_binder(source, binder, depth)
            if found:
                return found
    found = _starred(source, name, depth)
    if found:
        return found
    if source.path.endswith("__init__.py") and source.project:
        inner = module(source.project, f".{name}", source.path)
        return of_module(inner) if inner else None
    return None


def _starred(source: Source, name: str, depth: int) -> Located | None:
    """What a name stands for that a star import binds."""
    for statement in source.nodes(ast.ImportFrom) if depth > 0 else ():
        if statement.names[0].name == "*" and source.project:
            inner = module(source.project, "." * statement.level + (statement.module or ""), source.path)
            found = _of_module(inner, name, depth - 1) if inner else None
            if found:
                return found
    return None


def resolve_binder(source: Source, binder: ast.AST, depth: int = DEPTH) -> Located | None:
    """What a name stands for because of the node that binds it."""
    if isinstance(binder, FunctionNode | ast.ClassDef):
        return Located(source=source, node=binder)
    if isinstance(binder, ast.alias):
        return _imported(source, binder, depth)
    value = values.assigned(source, binder) if isinstance(binder, ast.Name) else None
    return resolve(source, value, depth - 1) if value is not None else None


def _imported(source: Source, alias: ast.alias, depth: int) -> Located | None:
    statement = source.parent(alias)
    if source.project is None or depth <= 0:
        return None
    if isinstance(statement, ast.ImportFrom):
        origin = "." * statement.level + (statement.module or "")
        inner = module(source.project, origin, source.path)
        if inner and inner.path != source.path:
            found = _of_module(inner, alias.name, depth - 1)
            if found:
                return found
        dotted = f"{origin}{'' if origin.endswith('.') else '.'}{alias.name}"
    else:
        dotted = alias.name if alias.asname else alias.name.partition(".")[0]
    inner = module(source.project, dotted, source.path)
    return of_module(inner) if inner else None


def text(source: Source, expression: ast.AST | None, depth: int = DEPTH) -> str:
    """The text of an expression; unknown parts appear as `{name}`. `f"{settings.API}/x"` may be "/api/v1/x"."""
    match expression:
        case None:
            return ""
        case ast.Constant(value=value):
            return "" if value is None else str(value)
        case ast.JoinedStr(values=parts):
            return "".join(text(source, part, depth) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return text(source, left, depth) + text(source, right, depth)
        case (
            ast.FormattedValue(value=inner)
            | ast.BoolOp(op=ast.Or(), values=[*_, inner])
            | ast.Call(func=ast.Name(id="str"), args=[inner])
        ):
            return text(source, inner, depth)
        case ast.Name() | ast.Attribute() if depth > 0:
            found = resolve(source, expression) or of_instance(source, expression)
            if found and isinstance(found.node, ast.expr) and found.node is not expression:
                return text(found.source, found.node, depth - 1)
        case ast.Call() if (default := _default(expression)) is not None:
            return text(source, default, depth - 1)
    return f"{{{source.show(expression, redact=False)}}}" if isinstance(expression, ast.expr) else ""


def entry(table: ast.expr, key: str) -> ast.expr | None:
    """The value of a key in a literal dict."""
    pairs = zip(table.keys, table.values, strict=True) if isinstance(table, ast.Dict) else ()
    return next((value for at, value in pairs if isinstance(at, ast.Constant) and at.value == key), None)


def _default(call: ast.Call) -> ast.expr | None:
    """The default value of a setting: of `os.getenv("PREFIX", "/api")`, `Field(default="/api")`."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "default"]
    return next(iter([*named, *(part for part in call.args[1:2] if isinstance(part, ast.Constant))]), None)


def of_instance(source: Source, expression: ast.expr) -> Located | None:
    """The class attribute that `settings.API` reads, after `settings = Settings()` or `get_settings()`."""
    if not isinstance(expression, ast.Attribute):
        return None
    owner = instance(source, expression.value)
    return member(owner, expression.attr) if owner else None


def instance(source: Source, expression: ast.AST, depth: int = 4) -> Located | None:
    """The class of an instance. Names, calls of the class, and calls of functions that return an instance are followed."""
    found = resolve(source, expression)
    if found is None and isinstance(expression, ast.Attribute):
        found = of_instance(source, expression)
    if found is None or not isinstance(found.node, ast.Call) or depth <= 0:
        return None
    called = resolve(found.source, found.node.func)
    if called and isinstance(called.node, ast.ClassDef):
        return called
    for value in returned(called):
        made = instance(value.source, value.node, depth - 1)
        if made:
            return made
    annotation = called.node.returns if called and isinstance(called.node, FunctionNode) else None
    promised = resolve(called.source, annotation) if called and isinstance(annotation, ast.Name | ast.Attribute) else None
    return promised if promised and isinstance(promised.node, ast.ClassDef) else None


def returned(function: Located | None) -> list[Located]:
    """The expressions that a function may return."""
    if function is None or not isinstance(function.node, FunctionNode):
        return []
    statements = function.source.returns.get(function.node, [])
    return [Located(source=function.source, node=statement.value) for statement in statements if statement.value]
