"""The parameters of labels and splits."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from tribar.block import MANY, Block, Fault, Share


class LabelParams(Block):
    """The triple barrier (Lopez de Prado, 2018, chapter 3)."""

    horizon: int = Field(ge=1, le=MANY, description="bars to the vertical barrier")
    barriers: Literal["volatility", "fixed"]
    upper: float = Field(gt=0, description="multiple of volatility x sqrt(horizon), or a return")
    lower: float = Field(gt=0, description="as upper, below the price")
    volatility_span: int = Field(ge=2, le=MANY, description="bars of the EWM volatility's span")
    touch: Literal["close", "high_low"]


class SplitParams(Block):
    """Shares of the decisions in order of time; the rest is the test split."""

    train: Share
    validation: Share
    embargo: int = Field(ge=0, le=MANY, description="decision times left out")
    folds: int = Field(ge=2, le=1000, description="folds of the purged K-fold over development")

    def conflicts(self) -> Iterator[Fault]:
        """Yield shares that leave nothing to test on."""
        if self.train + self.validation >= 1:
            yield Fault(
                "train",
                f"train + validation is {self.train + self.validation:g}; keep it below 1, "
                "the rest is the test split",
            )
