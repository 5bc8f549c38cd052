"""What bars became rows and labels by: a forecast of new bars asks for the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from tribar.dataset.config import LabelParams


@dataclass(frozen=True)
class Definition:
    """How rows and labels were made of bars.

    Attributes:
        labels: horizon and barriers.
        volatility_bars: that the barriers' width is made of; 1 for fixed barriers.
        timezone: of the calendar, and of times without an offset.
        stamps: which end of a bar its time marks.
        interval: usual seconds between two bars.
        max_gap_days: longest hole between two bars of a symbol.
    """

    labels: LabelParams
    volatility_bars: int
    timezone: str
    stamps: Literal["end", "start"]
    interval: float
    max_gap_days: float

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the definition that `to_json` described."""
        return cls(**{**content, "labels": LabelParams.model_validate(content["labels"])})

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {**vars(self), "labels": self.labels.model_dump()}
