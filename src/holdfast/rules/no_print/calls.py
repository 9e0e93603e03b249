"""The calls that no-print judges, and the signs by which it knows them."""

from __future__ import annotations

import ast

from holdfast.code.source import Source
from holdfast.record import Record
from holdfast.rule import SOFT, Sign

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

PRINTERS = {"builtins.print": "print", "pprint.pprint": "pprint.pprint", "pprint.pp": "pprint.pp"}
PROCESS_STREAMS = ("sys.stdout", "sys.stderr")
WORDS = frozenset({"print", "pprint", "pp"})


class Printing(Record):
    """A call that prints, or looks as if it did.

    name: what it calls: "print", "pprint.pprint", "pprint.pp" or a name of the option `also`; "" where the module binds `print`
    or `pprint` to something else.
    """

    source: Source
    call: ast.Call
    name: str
    is_named_by_option: bool = False

    @property
    def written(self) -> str:
        """The function as the call spells it."""
        return ast.unparse(self.call.func)

    @property
    def is_alias(self) -> bool:
        """Whether the call uses another name than the function has."""
        return bool(self.name) and self.written not in (self.name, self.name.rpartition(".")[2])


def printing(source: Source, also: tuple[str, ...]) -> Iterator[Printing]:
    """The calls of a file that print or are written like `print(...)`, in the order of the tree; also: more names to look for."""
    wanted = PRINTERS | {name: name for name in also}
    candidates = _candidates(source, frozenset(name.rpartition(".")[2] for name in wanted))
    for call in source.nodes(ast.Call):
        if _last_word(call.func) not in candidates:
            continue
        qualname = source.qualname(call.func) or ""
        name = wanted.get(qualname, "")
        if name or (isinstance(call.func, ast.Name) and call.func.id in ("print", "pprint")):
            yield Printing(source=source, call=call, name=name, is_named_by_option=name in also)


def _last_word(node: ast.AST | None) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _candidates(source: Source, words: frozenset[str]) -> frozenset[str]:
    """The words, and every name that the file gives to something called so."""
    found = set(words)
    found |= {alias.asname for alias in source.nodes(ast.alias) if alias.asname and alias.name.rpartition(".")[2] in words}
    assigned = [(_last_word(part.value), part.targets) for part in source.nodes(ast.Assign) if _last_word(part.value)]
    while True:
        names = {target.id for word, targets in assigned if word in found for target in targets if isinstance(target, ast.Name)}
        if names <= found:
            return frozenset(found)
        found |= names


def other_stream(printing: Printing) -> bool:
    """Return whether the call names a stream that is neither stdout nor stderr, or may name one."""
    keyword = "file" if printing.name == "print" else "stream"
    streams: list[ast.expr] = [given.value for given in printing.call.keywords if given.arg in (keyword, None)]
    if printing.name != "print":
        streams += printing.call.args[1:2]
    return not printing.is_named_by_option and any(
        not (isinstance(stream, ast.Constant) and stream.value is None) and not _is_process_stream(printing.source, stream)
        for stream in streams
    )


def _is_process_stream(source: Source, stream: ast.expr) -> bool:
    """Return whether an expression is stdout or stderr as such; a variable that holds one was chosen on purpose."""
    if isinstance(stream, ast.Name) and not any(isinstance(binder, ast.alias) for binder in source.binders(stream.id, stream)):
        return False
    return source.qualname(stream) in PROCESS_STREAMS


def is_shadowed(printing: Printing) -> bool:
    """Return whether the module binds `print` or `pprint` to something else."""
    return not printing.name


def _is_print(printing: Printing) -> bool:
    return printing.written.rpartition(".")[2] == "print" and not printing.is_named_by_option


def _is_pprint(printing: Printing) -> bool:
    return printing.written.rpartition(".")[2] in ("pprint", "pp") and not printing.is_named_by_option


SIGNS = (
    Sign(
        name="also",
        strength=SOFT,
        sentence="the call is one of the functions that the option `also` names",
        found=lambda printing: printing.is_named_by_option,
    ),
    Sign(
        name="alias",
        strength=SOFT,
        sentence="the call is `print` or `pprint` under another name",
        found=lambda printing: printing.is_alias,
    ),
    Sign(name="print", strength=SOFT, sentence="the call is `print`, which bypasses logging", found=_is_print),
    Sign(name="pprint", strength=SOFT, sentence="the call is `pprint`, which bypasses logging", found=_is_pprint),
)
