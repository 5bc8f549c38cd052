"""The parameters of prepare: from a source to windows and splits."""

from typing import Literal

from pydantic import Field

from tribar.block import MANY, Block, Name
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
    max_gap_days: float = Field(gt=0, description="longest hole between two bars of a symbol")
    features: tuple[Name, ...] = Field(min_length=1)
    feature_groups: dict[Name, tuple[Name, ...]] = Field(description="names for model.features")
    labels: LabelParams
    splits: SplitParams
