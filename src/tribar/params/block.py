"""The base of every block of parameters."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict, ValidationError


class Block(BaseModel):
    """A block of parameters: frozen, strictly typed, closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    def misfits(self) -> Iterator[str]:
        """Yield what does not fit together here, as `key: what is wrong`, the key from here on.

        `Params` asks all its blocks at once: validators of their own would hide what others find.
        """
        return iter(())

    def all_misfits(self) -> Iterator[str]:
        """Yield the misfits of this block and of those within."""
        yield from self.misfits()
        for name, value in self:
            within = value if isinstance(value, Mapping) else {"": value}
            for key, block in within.items():
                if isinstance(block, Block):
                    place = f"{name}.{key}." if key else f"{name}."
                    yield from (f"{place}{fault}" for fault in block.all_misfits())


def repeated(values: Sequence[object]) -> list[object]:
    """Return what stands in a list more than once; True is not 1.

    >>> repeated([1, 2, True, 1, 1])
    [1]
    """
    counts = Counter((type(value), value) for value in values)
    return [value for (_, value), count in counts.items() if count > 1]


class MisfitsError(ValueError):
    """Parameters that are right each and do not fit together.

    Attributes:
        faults: `key: what is wrong`.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(dict.fromkeys(faults))


def misfits_of(error: ValidationError) -> tuple[str, ...]:
    """Return the faults of the misfits that made an error; none where something else did."""
    causes = [fault.get("ctx", {}).get("error") for fault in error.errors()]
    return tuple(one for cause in causes if isinstance(cause, MisfitsError) for one in cause.faults)
