"""The parameters of prepare: from a source to windows and splits."""

from collections.abc import Iterator
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from tribar.block import MANY, Block, Fault, Name
from tribar.dataset.config import SplitParams


class LabelParams(Block):
    """The triple barrier (Lopez de Prado, 2018, chapter 3)."""

    horizon: int = Field(ge=1, le=MANY, description="bars to the vertical barrier")
    barriers: Literal["volatility", "fixed"]
    upper: float = Field(gt=0, description="multiple of volatility x sqrt(horizon), or a return")
    lower: float = Field(gt=0, description="as upper, below the price")
    volatility_span: int = Field(ge=2, le=MANY, description="bars of the EWM volatility's span")
    touch: Literal["close", "high_low"]


class PrepareParams(Block):
    """From a source of bars (or of labels) to windows and splits."""

    source: Name
    kind: Literal["bars", "labelled"]
    window: int = Field(ge=2, le=MANY, description="bars that one decision sees")
    timezone: str = Field("UTC", description="of times without an offset, and of the calendar")
    stamps: Literal["end", "start"] = Field("end", description="which end of a bar its time marks")
    max_gap_days: float = Field(gt=0, description="longest hole between two bars of a symbol")
    features: tuple[Name, ...] = Field(min_length=1)
    feature_groups: dict[Name, tuple[Name, ...]] = Field(description="names for model.features")
    labels: LabelParams
    splits: SplitParams

    def conflicts(self) -> Iterator[Fault]:
        """Yield a time zone that there is none of, and stamps of rows that are no bars."""
        try:
            ZoneInfo(self.timezone)
        except (ValueError, OSError, LookupError):
            yield Fault(
                "timezone",
                f"{self.timezone!r} is unknown; write UTC or a name such as America/New_York",
            )
        if self.kind == "labelled" and self.stamps == "start":
            yield Fault("stamps", "a labelled table has decisions, no bars; set it to end")
