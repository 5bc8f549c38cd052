"""What a study looks for: its metrics, which way each is better, and what a step is."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from tribar.trial.config import ObjectiveParams
from tribar.trials import Direction

Measure = Callable[
    [NDArray[np.integer[Any]], NDArray[np.integer[Any]], NDArray[np.float64]], tuple[float, ...]
]
"""From training labels, validation labels and probabilities to the metrics' values."""

LOSSES = ("log_loss", "brier", "ece")
"""The metrics of which less is better."""


@dataclass(frozen=True)
class ObjectiveSpec:
    """The metrics of a study, the first of which makes the curves and decides on pruning.

    Attributes:
        metrics: by name.
        directions: one a metric.
        sequential_folds: whether a step is a fold, trained to its end, instead of an epoch.
    """

    metrics: tuple[str, ...] = ("log_loss",)
    directions: tuple[Direction, ...] = (Direction.MINIMIZE,)
    sequential_folds: bool = False

    @classmethod
    def of(cls, params: ObjectiveParams) -> Self:
        """Return what the parameters ask for."""
        return cls(
            params.metrics,
            tuple(
                Direction.MINIMIZE if one in LOSSES else Direction.MAXIMIZE
                for one in params.metrics
            ),
            params.over == "folds_in_turn",
        )

    @property
    def direction(self) -> Direction:
        """Return the way in which the first metric is better."""
        return self.directions[0]

    @property
    def uses_training_loss(self) -> bool:
        """Return whether the training's own validation loss is all that is asked for."""
        return self.metrics == ("log_loss",)
