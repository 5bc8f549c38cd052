"""The parameters of evaluate."""

from pydantic import Field

from tribar.block import Block, Share


class EvaluateParams(Block):
    """How the test split judges."""

    bootstrap_samples: int = Field(ge=100, le=1_000_000)
    block: int = Field(ge=1, description="decision times in one block of the bootstrap")
    confidence: Share
    calibration_bins: int = Field(ge=2, le=1000)
    permutation_repeats: int = Field(ge=1, le=1000)
