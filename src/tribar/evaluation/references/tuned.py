"""What tuning a reference leaves: a model, what it looks at, and what validation chose."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tribar.evaluation.references.decisions import Decisions
from tribar.metrics.predictions import Probability
from tribar.metrics.scores import losses


class Model(Protocol):
    """A fitted model."""

    def probability(self, inputs: NDArray[np.float64]) -> Probability:
        """Return the probabilities, (n, 3), of inputs, (n, inputs)."""


@dataclass(frozen=True)
class Settings:
    """What validation chose; None for what a reference does not have.

    Attributes:
        bars: number of bars whose features are inputs.
        inverse_penalty: C, of the L2 penalty; 0 is the class prior.
        depth: of the trees.
        rounds: of boosting; 0 is the class prior.
    """

    bars: int
    inverse_penalty: float | None = None
    depth: int | None = None
    rounds: int | None = None


@dataclass(frozen=True)
class Tuned:
    """A fitted model with its settings.

    Attributes:
        model: fitted on training decisions.
        lags: of the bars that it looks at.
        settings: what was chosen.
        losses: of the validation decisions that chose, in nats, (n,).
    """

    model: Model
    lags: tuple[int, ...]
    settings: Settings
    losses: NDArray[np.float64]

    @property
    def loss(self) -> float:
        """Mean of the losses."""
        return float(self.losses.mean())

    def predict(self, decisions: Decisions) -> Probability:
        """Return the probabilities, (n, 3)."""
        return _predict(self.model, self.lags, decisions)


def tuned(model: Model, lags: tuple[int, ...], settings: Settings, validation: Decisions) -> Tuned:
    """Return a fitted model with its losses on the validation decisions."""
    found = losses(validation.labels, _predict(model, lags, validation))
    return Tuned(model, lags, settings, found)


def _predict(model: Model, lags: tuple[int, ...], decisions: Decisions) -> Probability:
    parts = [model.probability(part.gather(lags)) for part in decisions.parts(lags)]
    return np.concatenate(parts)
