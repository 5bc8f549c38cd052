"""The base of every block of parameters."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict


class Block(BaseModel):
    """A block of parameters: frozen, strictly typed, closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class MisfitsError(ValueError):
    """Parameters of a block that are right each and do not fit together.

    Attributes:
        faults: `key: what is wrong`, the key from the block on.
    """

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = tuple(faults)
