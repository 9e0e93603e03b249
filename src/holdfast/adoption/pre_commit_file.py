"""Our hooks in .pre-commit-config.yaml: lines are put in where they belong, and every other byte stays as it is.

The file is parsed for the places of its nodes; writing it from the parsed form would move comments, quotes and indents that
nobody asked to move. What was written is parsed again and has to say the old thing and the new one, and nothing else.
"""

from __future__ import annotations

from holdfast.adoption import Change, library, read
from holdfast.record import Record
from holdfast.rule import CheckError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

PATH = ".pre-commit-config.yaml"
REPOSITORY = "https://github.com/holdfast-checks/holdfast"


class Edit(Record):
    """A text to be put in at an offset of the file, in characters, instead of the `length` characters that stand there."""

    at: int
    text: str
    length: int = 0


def change(root: str, hooks: Sequence[str], repository: str, revision: str) -> Change | None:
    """The file with these hooks (ids) of ours in it; None where it has them all, from whatever repository.

    Raises CheckError for a file that is broken, or laid out in a way that cannot be added to.
    """
    before, text = read(root, PATH)
    newline = "\r\n" if "\r\n" in text else "\n"
    data = _loaded(text)
    repos = data.get("repos") or []
    present = [hook.get("id") for repo in repos for hook in _written(repo) if isinstance(hook, dict)]
    missing = [hook for hook in hooks if hook not in present]
    if not missing:
        return None
    ours = next((number for number, repo in enumerate(repos) if _same(repo, repository)), None)
    tree = _composed(text)
    added = [{"id": hook} for hook in missing]
    if ours is None:
        edit = _new_repo(text, tree, missing, repository, revision)
        wanted = {**data, "repos": [*repos, {"repo": repository, "rev": revision, "hooks": added}]}
    else:
        edit = _more_hooks(text, tree, ours, missing)
        extended = {**repos[ours], "hooks": [*_written(repos[ours]), *added]}
        wanted = {**data, "repos": [extended if number == ours else repo for number, repo in enumerate(repos)]}
    after = text[: edit.at] + edit.text.replace("\n", newline) + text[edit.at + edit.length :]
    if not _says(after, wanted):
        raise CheckError("internal", "its layout is none that `holdfast init` can add to: add the hooks by hand", PATH)
    return Change(path=PATH, before=before, after=after.encode())


def _written(repo: object) -> list[Any]:
    """The hooks of an entry of `repos`, as they are written."""
    hooks = repo.get("hooks") if isinstance(repo, dict) else None
    return hooks if isinstance(hooks, list) else []


def _says(text: str, wanted: dict[str, Any]) -> bool:
    """Whether a text holds this content."""
    try:
        return _loaded(text) == wanted
    except CheckError:
        return False


def _same(repo: object, repository: str) -> bool:
    """Whether an entry of `repos` is ours."""
    written = repo.get("repo") if isinstance(repo, dict) else None
    return isinstance(written, str) and _plain(written) in (_plain(repository), _plain(REPOSITORY))


def _plain(address: str) -> str:
    return address.lower().rstrip("/").removesuffix(".git")


# -- reading


def _loaded(text: str) -> dict[str, Any]:
    """The file's content. Raises CheckError("option") with the line where it is no YAML, or no configuration of pre-commit."""
    yaml = library("ruamel.yaml")
    try:
        found = yaml.YAML(typ="safe", pure=True).load(text)
    except (yaml.error.YAMLError, ValueError, RecursionError) as error:  # a date that is none, lists in lists without end
        raise _broken(error) from error
    found = {} if found is None else found
    if not isinstance(found, dict) or not isinstance(found.get("repos") or [], list):
        raise CheckError("option", "is no configuration of pre-commit: it holds a map with a list of `repos`", PATH, 1)
    return found


def _broken(error: Any) -> CheckError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
    return CheckError("option", f"is not valid YAML: {problem}", PATH, mark.line + 1 if mark else 0)


def _composed(text: str) -> Any:
    """The file's nodes with their places; None for an empty file."""
    yaml = library("ruamel.yaml")
    return yaml.YAML(typ="safe", pure=True).compose(text)


def _value(mapping: Any, key: str) -> Any:
    """The node of a value in a map, or None."""
    return next((value for name, value in mapping.value if name.value == key), None)


# -- where things go


def _new_repo(text: str, tree: Any, hooks: Sequence[str], repository: str, revision: str) -> Edit:
    """The edit that adds an entry of ours at the end of `repos`, in the file's own indents."""
    repos = _value(tree, "repos") if tree is not None else None
    if repos is None:
        return _at_the_end(text, "repos:\n" + _entry(2, 2, 2, hooks, repository, revision))
    if not repos.value:
        return _first(text, repos, _entry(2, 2, 2, hooks, repository, revision))
    if repos.flow_style:
        raise CheckError(
            "option", "`repos` is written in brackets: write it as a list with dashes", PATH, repos.start_mark.line + 1
        )
    dash, inner = repos.start_mark.column, repos.value[0].start_mark.column
    shift = next((hooks_of.start_mark.column - inner for repo in repos.value if _block(hooks_of := _hooks(repo))), 2)
    apart = len(repos.value) > 1 and text[: repos.value[-1].start_mark.index].rstrip(" -").endswith(("\n\n", "\r\n\r\n"))
    return _behind(text, repos, "\n" * apart + _entry(dash, inner - dash, shift, hooks, repository, revision))


def _more_hooks(text: str, tree: Any, number: int, ids: Sequence[str]) -> Edit:
    """The edit that adds hooks to an entry."""
    repo = _value(tree, "repos").value[number]
    hooks = _hooks(repo)
    if hooks is None or hooks.id != "sequence" or not hooks.value:
        raise CheckError("option", "this entry has no hooks: give it one", PATH, repo.start_mark.line + 1)
    if hooks.flow_style:
        end = hooks.value[-1].end_mark.index
        return Edit(at=end, text="".join(f", {{id: {hook}}}" for hook in ids))
    dash = hooks.start_mark.column
    return _behind(text, hooks, _items(dash, hooks.value[0].start_mark.column - dash, ids))


def _hooks(repo: Any) -> Any:
    return _value(repo, "hooks") if repo.id == "mapping" else None


def _block(node: Any) -> bool:
    return node is not None and node.id == "sequence" and not node.flow_style and bool(node.value)


def _entry(dash: int, pad: int, shift: int, hooks: Sequence[str], repository: str, revision: str) -> str:
    """An entry of `repos`: dash is the column of its dash, pad how far its keys stand from that, shift how far the dashes of
    the hooks stand from the keys."""
    inner = " " * (dash + pad)
    head = f"{' ' * dash}-{' ' * (pad - 1)}repo: {_scalar(repository)}\n{inner}rev: {_scalar(revision)}\n{inner}hooks:\n"
    return head + _items(dash + pad + max(shift, 0), pad, hooks)


def _items(dash: int, pad: int, hooks: Iterable[str]) -> str:
    return "".join(f"{' ' * dash}-{' ' * (pad - 1)}id: {hook}\n" for hook in hooks)


def _scalar(text: str) -> str:
    """A text as YAML, quoted where it has to be: a revision such as 1.10 would be a number."""
    import json

    return text if text[:1].isalpha() and all(char.isalnum() or char in "/.:_-@+~" for char in text) else json.dumps(text)


def _behind(text: str, items: Any, added: str) -> Edit:
    """The edit that puts lines behind the last item of a list in block style, and behind comments that belong to the list: those
    that follow without a blank line and stand at its dashes or further right."""
    dash = items.start_mark.column
    at = _end_of_content(text, items.end_mark.index)
    while at < len(text):
        end = _line_end(text, at)
        line = text[at:end]
        indent = len(line) - len(line.lstrip())
        if not line.lstrip().startswith("#") or indent < max(dash, 1):
            break
        at = end
    needs_newline = at > 0 and text[at - 1] != "\n"
    return Edit(at=at, text="\n" * needs_newline + added)


def _end_of_content(text: str, index: int) -> int:
    """The offset behind the last line with content before an offset: a list in block style ends only where the next thing
    begins, behind comments and blank lines."""
    lines = text[:index].splitlines(keepends=True)
    if index < len(text) and not text[:index].endswith("\n"):
        lines = lines[:-1]  # the margin of the next thing
    while lines and lines[-1].strip()[:1] in ("", "#"):
        lines.pop()
    return len("".join(lines))


def _line_end(text: str, index: int) -> int:
    """The offset behind the line at an offset."""
    stop = text.find("\n", index)
    return len(text) if stop < 0 else stop + 1


def _at_the_end(text: str, added: str) -> Edit:
    return Edit(at=len(text), text="\n" * (bool(text) and not text.endswith("\n")) + added)


def _first(text: str, repos: Any, added: str) -> Edit:
    """The edit that gives an empty `repos:`, or `repos: []`, its first lines; a comment behind it stays."""
    colon = text.rfind(":", 0, repos.start_mark.index) + 1
    stop = text.find("\n", colon)
    stop = len(text) if stop < 0 else stop
    kept = text[repos.end_mark.index : stop] if repos.end_mark.index > repos.start_mark.index else text[colon:stop]
    return Edit(at=colon, text=f"{kept.rstrip()}\n{added.rstrip(chr(10))}", length=stop - colon)
