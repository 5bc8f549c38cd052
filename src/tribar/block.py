"""The base of every block of parameters."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

M = TypeVar("M", bound=BaseModel)

Choice = bool | int | float | str
"""A value that one parameter of a configuration may have."""

Name = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(gt=0, lt=1)]

MANY = 1_000_000
"""The largest number of things that a parameter may ask for."""


@dataclass(frozen=True)
class Fault:
    """What is wrong with a parameter, or with how it goes together with others.

    Attributes:
        key: of the parameter, from the block that finds the fault.
        text: what is wrong, what is allowed, what to do.
    """

    key: str
    text: str

    def within(self, block: str) -> "Fault":
        """Return the fault as seen from outside a block.

        >>> str(Fault("low", "it is above high").within("tune.space.dropout"))
        'tune.space.dropout.low: it is above high'
        """
        return Fault(f"{block}.{self.key}", self.text)

    def __str__(self) -> str:
        return f"{self.key}: {self.text}"


class Block(BaseModel):
    """A block of parameters: frozen, strictly typed, closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    def conflicts(self) -> Iterator[Fault]:
        """Yield what does not fit together here.

        No validator, whose error would keep other blocks from being checked.
        """
        return iter(())

    def all_conflicts(self) -> Iterator[Fault]:
        """Yield the conflicts of this block and of those within."""
        yield from self.conflicts()
        for name, value in self:
            within = value if isinstance(value, Mapping) else {"": value}
            for key, block in within.items():
                if isinstance(block, Block):
                    place = f"{name}.{key}" if key else name
                    yield from (fault.within(place) for fault in block.all_conflicts())


def repeated(values: Sequence[object]) -> list[object]:
    """Return what stands in a list more than once; True is not 1.

    >>> repeated([1, 2, True, 1, 1])
    [1]
    """
    counts = Counter((type(value), value) for value in values)
    return [value for (_, value), count in counts.items() if count > 1]


def read_json(path: Path, kind: type[M]) -> M:
    """Return what a JSON file holds.

    Raises:
        ValueError: the file cannot be read or holds something else; says what, and where in it.
    """
    try:
        return kind.model_validate_json(path.read_bytes())
    except OSError as error:
        raise ValueError(error.strerror) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "line 1"
        raise ValueError(f"{where}: {first['msg']}") from None


class ConflictError(ValueError):
    """Parameters that are allowed one by one and do not fit together.

    Attributes:
        faults: each of them once.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(map(str, faults)))
        self.faults = tuple(dict.fromkeys(faults))
