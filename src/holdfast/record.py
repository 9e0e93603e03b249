"""Frozen records: the part of `dataclasses` that Holdfast needs.

`import dataclasses` costs about 10 ms, as much as an empty Python process, and a hook pays it at every commit; hence these
few lines. To a type checker a record *is* a dataclass: frozen, with keyword arguments only.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, ClassVar, Self, dataclass_transform
else:

    def dataclass_transform(**_options):
        return lambda cls: cls


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Record:
    """A small frozen class: its fields are its annotations, its defaults their values.

    Records compare and hash by value, travel between processes, and are changed by making another (`replace`).
    """

    fields: ClassVar[tuple[str, ...]] = ()
    template: ClassVar[dict[str, Any]] = {}
    """The fields in order, with their defaults."""
    required: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        cls.fields = (*cls.fields, *(name for name in cls.__annotations__ if name not in cls.fields))
        cls.template = {name: getattr(cls, name, None) for name in cls.fields}
        cls.required = frozenset(name for name in cls.fields if not hasattr(cls, name))

    def __init__(self, **values: Any) -> None:
        if not self.required <= values.keys():
            raise TypeError(f"{type(self).__name__} needs {', '.join(sorted(self.required - values.keys()))}")
        self._hold(self.template, values)

    def _hold(self, content: dict[str, Any], changed: dict[str, Any]) -> None:
        """Take all values at once: there are tens of thousands of findings in a large run."""
        held = self.__dict__
        held.update(content)
        held.update(changed)
        if len(held) > len(self.fields):
            raise TypeError(f"{type(self).__name__} has no field {', '.join(changed.keys() - set(self.fields))}")

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is frozen: use replace({name}=...)")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.__dict__ == self.__dict__

    def __hash__(self) -> int:
        return hash((type(self), *(repr(value) for value in self.__dict__.values())))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"

    def as_dict(self) -> dict[str, Any]:
        """The fields and their values, in the order of the class."""
        return dict(self.__dict__)

    def replace(self, **values: Any) -> Self:
        """The same record with other values in some fields."""
        other = object.__new__(type(self))
        other._hold(self.__dict__, values)
        return other
