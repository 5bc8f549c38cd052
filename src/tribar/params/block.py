"""The base of every block of parameters."""

from pydantic import BaseModel, ConfigDict


class Block(BaseModel):
    """A block of parameters: frozen, strictly typed, closed to unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)
