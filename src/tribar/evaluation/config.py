"""The parameters of evaluate and walk-forward."""

from typing import Literal

from pydantic import Field

from tribar.block import MANY, Block, Share


class EvaluateParams(Block):
    """How the test split judges."""

    bootstrap_samples: int = Field(ge=100, le=1_000_000)
    confidence: Share
    models_seen: int = Field(1, ge=1, le=MANY, description="judged on this test split, this too")
    calibration_bins: int = Field(ge=2, le=1000)
    permutation_repeats: int = Field(ge=1, le=1000)
    cost: float = Field(0.0, ge=0, le=10_000, description="basis points of a round turn's value")


class WalkForwardParams(Block):
    """How the whole procedure is walked forward through time."""

    origins: int = Field(0, ge=0, le=1000, description="times it is repeated; 0: not at all")
    first: Share = Field(0.5, description="share of the decisions before the first origin")
    window: Literal["expanding", "rolling"] = Field(
        "expanding", description="all that lies before an origin, or as much as before the first"
    )
