"""What a study looks for: its metrics, which way each is better, and what a step is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

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
class Aim:
    """The metrics of a study, the first of which makes the curves and decides on pruning.

    Attributes:
        metrics: by name.
        directions: one a metric.
        in_turn: whether a step is a fold, trained to its end, instead of an epoch.
    """

    metrics: tuple[str, ...] = ("log_loss",)
    directions: tuple[Direction, ...] = ("minimize",)
    in_turn: bool = False

    @property
    def direction(self) -> Direction:
        """Return the way in which the first metric is better."""
        return self.directions[0]

    @property
    def is_plain(self) -> bool:
        """Return whether the training's own validation loss is all that is asked for."""
        return self.metrics == ("log_loss",)


def aim_of(params: ObjectiveParams) -> Aim:
    """Return the aim that the parameters describe."""
    return Aim(
        params.metrics,
        tuple("minimize" if name in LOSSES else "maximize" for name in params.metrics),
        params.over == "folds_in_turn",
    )


def better(direction: Direction) -> Callable[[Sequence[float]], float]:
    """Return min or max."""
    return min if direction == "minimize" else max
