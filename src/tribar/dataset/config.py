"""The parameters of the splits."""

from collections.abc import Iterator

from pydantic import Field

from tribar.block import MANY, Block, Fault, Share


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
