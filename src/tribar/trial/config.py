"""The parameters of a trial's objective."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from tribar.block import Block, Fault, repeated

Metric = Literal[
    "log_loss",
    "brier",
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "mcc",
    "ece",
    "skill",
    "precision_down",
    "precision_flat",
    "precision_up",
    "recall_down",
    "recall_flat",
    "recall_up",
]
"""The names of `evaluation.Scores`."""


class ObjectiveParams(Block):
    """What a trial is judged by: a mean over folds and seeds."""

    metrics: tuple[Metric, ...] = Field(
        ("log_loss",), min_length=1, description="the first makes the curves"
    )
    over: Literal["validation", "folds", "folds_in_turn"] = "validation"
    seeds: int = Field(1, ge=1, description="networks trained on each fold")

    def conflicts(self) -> Iterator[Fault]:
        """Yield metrics that are named twice."""
        yield from (
            Fault("metrics", f"{one} stands twice; drop one") for one in repeated(self.metrics)
        )
