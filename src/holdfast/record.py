"""Frozen records: the part of `dataclasses` that Holdfast needs.

Importing `dataclasses` takes about 10 ms, as long as starting Python, and every hook would pay for it at every commit. To a type
checker, a record is a frozen dataclass with keyword-only arguments.
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
    """Base class for frozen records. The annotations of a class are its fields, and their values are the defaults.

    Records are compared and hashed by value and can be passed between processes. `replace` returns a changed copy.
    """

    fields: ClassVar[tuple[str, ...]] = ()
    template: ClassVar[dict[str, Any]] = {}
    """The fields in order and their defaults."""
    required: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        cls.fields = (*cls.fields, *(name for name in cls.__annotations__ if name not in cls.fields))
        cls.template = {name: getattr(cls, name, None) for name in cls.fields}
        cls.required = frozenset(name for name in cls.fields if not hasattr(cls, name))

    def __init__(self, **values: Any) -> None:
        if not self.required <= values.keys():
            raise TypeError(f"{type(self).__name__} needs {', '.join(sorted(self.required - values.keys()))}")
        self._fill(self.template, values)

    def _fill(self, content: dict[str, Any], changed: dict[str, Any]) -> None:
        """Set all values at once, because a large run creates tens of thousands of findings."""
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
        """Return the fields and their values, in the order of the class."""
        return dict(self.__dict__)

    def replace(self, **values: Any) -> Self:
        """Return a copy with other values in some fields."""
        other = object.__new__(type(self))
        other._fill(self.__dict__, values)
        return other
