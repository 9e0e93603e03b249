"""Add Holdfast's hooks to .pre-commit-config.yaml. Lines are inserted, and every other byte stays as it is.

The file is parsed only to find the positions of its nodes. If it were written from the parsed form, comments, quotes and indents
would change. The result is parsed again, and must contain the old content and the new hooks, and nothing else.
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
    """A replacement for `length` characters at an offset of the file. Offsets are in characters."""

    at: int
    text: str
    length: int = 0


def change(root: str, hooks: Sequence[str], repository: str, revision: str) -> Change | None:
    """Return the change that adds these hooks (ids); None if the file has all of them, from any repository.

    Raises CheckError for an invalid file, or for a layout that cannot be extended.
    """
    before, text = read(root, PATH)
    newline = "\r\n" if "\r\n" in text else "\n"
    data = _content(text)
    repos = data.get("repos") or []
    present = [hook.get("id") for repo in repos for hook in _hooks_in(repo) if isinstance(hook, dict)]
    missing = [hook for hook in hooks if hook not in present]
    if not missing:
        return None
    ours = next((number for number, repo in enumerate(repos) if _is_ours(repo, repository)), None)
    tree = _nodes(text)
    added = [{"id": hook} for hook in missing]
    if ours is None:
        edit = _new_repo(text, tree, missing, repository, revision)
        expected = {**data, "repos": [*repos, {"repo": repository, "rev": revision, "hooks": added}]}
    else:
        edit = _more_hooks(text, tree, ours, missing)
        extended = {**repos[ours], "hooks": [*_hooks_in(repos[ours]), *added]}
        expected = {**data, "repos": [extended if number == ours else repo for number, repo in enumerate(repos)]}
    after = text[: edit.at] + edit.text.replace("\n", newline) + text[edit.at + edit.length :]
    if not _has_content(after, expected):
        raise CheckError("internal", "`holdfast init` cannot extend this layout: add the hooks by hand", PATH)
    return Change(path=PATH, before=before, after=after.encode())


def _hooks_in(repo: object) -> list[Any]:
    """The hooks of an item of `repos`."""
    hooks = repo.get("hooks") if isinstance(repo, dict) else None
    return hooks if isinstance(hooks, list) else []


def _has_content(text: str, content: dict[str, Any]) -> bool:
    """Whether a text is YAML with this content."""
    try:
        return _content(text) == content
    except CheckError:
        return False


def _is_ours(repo: object, repository: str) -> bool:
    """Whether an item of `repos` is Holdfast's repository."""
    url = repo.get("repo") if isinstance(repo, dict) else None
    return isinstance(url, str) and _normalized(url) in (_normalized(repository), _normalized(REPOSITORY))


def _normalized(url: str) -> str:
    return url.lower().rstrip("/").removesuffix(".git")


# -- reading


def _content(text: str) -> dict[str, Any]:
    """The content of the file. Raises CheckError("option") with the line if it is not a valid configuration of pre-commit."""
    yaml = library("ruamel.yaml")
    try:
        found = yaml.YAML(typ="safe", pure=True).load(text)
    except (yaml.error.YAMLError, ValueError, RecursionError) as error:  # also invalid dates, and lists that are nested too deep
        raise _syntax_error(error) from error
    found = {} if found is None else found
    if not isinstance(found, dict) or not isinstance(found.get("repos") or [], list):
        raise CheckError("option", "is not a configuration of pre-commit: it must be a map with a list `repos`", PATH, 1)
    return found


def _syntax_error(error: Any) -> CheckError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
    return CheckError("option", f"is not valid YAML: {problem}", PATH, mark.line + 1 if mark else 0)


def _nodes(text: str) -> Any:
    """The nodes of the file with their positions; None for an empty file."""
    yaml = library("ruamel.yaml")
    return yaml.YAML(typ="safe", pure=True).compose(text)


def _value(mapping: Any, key: str) -> Any:
    """The node of a value in a map; None if the map does not have the key."""
    return next((value for name, value in mapping.value if name.value == key), None)


# -- edits


def _new_repo(text: str, tree: Any, hooks: Sequence[str], repository: str, revision: str) -> Edit:
    """The edit that adds Holdfast's repository at the end of `repos`, with the indentation of the file."""
    repos = _value(tree, "repos") if tree is not None else None
    if repos is None:
        return _at_end(text, "repos:\n" + _repo(2, 2, 2, hooks, repository, revision))
    if not repos.value:
        return _first_item(text, repos, _repo(2, 2, 2, hooks, repository, revision))
    if repos.flow_style:
        raise CheckError("option", "`repos` is a list in brackets: write it as a list with dashes", PATH, repos.start_mark.line + 1)
    dash, inner = repos.start_mark.column, repos.value[0].start_mark.column
    shift = next((hooks_of.start_mark.column - inner for repo in repos.value if _is_block_list(hooks_of := _hooks_node(repo))), 2)
    is_spaced = len(repos.value) > 1 and text[: repos.value[-1].start_mark.index].rstrip(" -").endswith(("\n\n", "\r\n\r\n"))
    return _after(text, repos, "\n" * is_spaced + _repo(dash, inner - dash, shift, hooks, repository, revision))


def _more_hooks(text: str, tree: Any, number: int, ids: Sequence[str]) -> Edit:
    """The edit that adds hooks to an item of `repos`."""
    repo = _value(tree, "repos").value[number]
    hooks = _hooks_node(repo)
    if hooks is None or hooks.id != "sequence" or not hooks.value:
        raise CheckError("option", "this repository has no hooks: add one of them", PATH, repo.start_mark.line + 1)
    if hooks.flow_style:
        end = hooks.value[-1].end_mark.index
        return Edit(at=end, text="".join(f", {{id: {hook}}}" for hook in ids))
    dash = hooks.start_mark.column
    return _after(text, hooks, _hook_items(dash, hooks.value[0].start_mark.column - dash, ids))


def _hooks_node(repo: Any) -> Any:
    return _value(repo, "hooks") if repo.id == "mapping" else None


def _is_block_list(node: Any) -> bool:
    return node is not None and node.id == "sequence" and not node.flow_style and bool(node.value)


def _repo(dash: int, pad: int, shift: int, hooks: Sequence[str], repository: str, revision: str) -> str:
    """The text of an item of `repos`.

    dash: the column of its dash. pad: the distance from the dash to its keys. shift: the distance from its keys to the dashes of
    the hooks.
    """
    inner = " " * (dash + pad)
    head = f"{' ' * dash}-{' ' * (pad - 1)}repo: {_scalar(repository)}\n{inner}rev: {_scalar(revision)}\n{inner}hooks:\n"
    return head + _hook_items(dash + pad + max(shift, 0), pad, hooks)


def _hook_items(dash: int, pad: int, hooks: Iterable[str]) -> str:
    return "".join(f"{' ' * dash}-{' ' * (pad - 1)}id: {hook}\n" for hook in hooks)


def _scalar(text: str) -> str:
    """A string as YAML, quoted if necessary: without quotes, the revision 1.10 would be a number."""
    import json

    return text if text[:1].isalpha() and all(char.isalnum() or char in "/.:_-@+~" for char in text) else json.dumps(text)


def _after(text: str, items: Any, added: str) -> Edit:
    """The edit that inserts lines after the last item of a block list and the comments that belong to the list.

    These comments follow without a blank line and are indented at least as far as the dashes.
    """
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
    """The offset after the last line with content before an offset.

    The parser takes a block list to end where the next node begins, after comments and blank lines.
    """
    lines = text[:index].splitlines(keepends=True)
    if index < len(text) and not text[:index].endswith("\n"):
        lines = lines[:-1]  # the indentation of the next node
    while lines and lines[-1].strip()[:1] in ("", "#"):
        lines.pop()
    return len("".join(lines))


def _line_end(text: str, index: int) -> int:
    """The offset after the line at an offset."""
    stop = text.find("\n", index)
    return len(text) if stop < 0 else stop + 1


def _at_end(text: str, added: str) -> Edit:
    return Edit(at=len(text), text="\n" * (bool(text) and not text.endswith("\n")) + added)


def _first_item(text: str, repos: Any, added: str) -> Edit:
    """The edit that adds the first item to an empty `repos:` or `repos: []`. A comment on its line stays."""
    colon = text.rfind(":", 0, repos.start_mark.index) + 1
    stop = text.find("\n", colon)
    stop = len(text) if stop < 0 else stop
    kept = text[repos.end_mark.index : stop] if repos.end_mark.index > repos.start_mark.index else text[colon:stop]
    return Edit(at=colon, text=f"{kept.rstrip()}\n{added.rstrip(chr(10))}", length=stop - colon)
