"""Each reference by its name: what it looks at, how it is tuned, what it predicts."""

from collections.abc import Sequence
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from tribar.evaluation.references.boosting import tune_boosting
from tribar.evaluation.references.decisions import Decisions
from tribar.evaluation.references.linear import tune_linear
from tribar.evaluation.references.tuned import Settings, Tuned
from tribar.metrics.predictions import Probability

NAMES = ("logistic", "logistic_lags", "ridge", "boosting")
"""Logistic regression on the newest bar, on lagged ones too, on the whole window; boosted trees."""

MOST_DECISIONS = 50_000
"""Decisions that are learned from at most, and chosen on at most, evenly spaced in their order."""

MOST_INPUTS = 2048
"""Inputs of ridge at most: of a window that has more it takes every second or third bar only."""

LAGS = (0, 1, 2, 3, 5, 10, 20)
"""Of the lagged inputs, in bars, denser near the newest; those beyond the window are left out."""


@dataclass(frozen=True)
class Reference:
    """What a tuned reference says.

    Attributes:
        name: one of `NAMES`.
        settings: what validation chose.
        loss: mean log-loss on validation, in nats, by which references can be ranked.
        probabilities: (n, 3) for each of the evaluated sets, in their order.
    """

    name: str
    settings: Settings
    loss: float
    probabilities: tuple[Probability, ...]


def fit_references(
    train: Decisions, validation: Decisions, evaluated: Sequence[Decisions]
) -> tuple[Reference, ...]:
    """Return every reference, in the order of `NAMES`; see `fit_reference`."""
    return tuple(fit_reference(name, train, validation, evaluated) for name in NAMES)


def fit_reference(
    name: str, train: Decisions, validation: Decisions, evaluated: Sequence[Decisions]
) -> Reference:
    """Return one reference, learned from `train` and chosen on `validation`.

    What it says depends on neither threads nor chance.

    Args:
        name: one of `NAMES`.
        train: learned from, at most `MOST_DECISIONS` of them.
        validation: chosen on, at most `MOST_DECISIONS` of them.
        evaluated: predicted, all of them, whatever their labels.

    Raises:
        UserError: labels to learn from or to choose on are empty or not in `CLASSES`.
    """
    # Sums of floats depend on how many threads share them.
    with threadpool_limits(limits=1):
        tuned = _tune(
            name, train.evenly_spaced(MOST_DECISIONS), validation.evenly_spaced(MOST_DECISIONS)
        )
        return Reference(
            name, tuned.settings, tuned.loss, tuple(tuned.predict(one) for one in evaluated)
        )


def _tune(name: str, train: Decisions, validation: Decisions) -> Tuned:
    newest, lagged = (0,), tuple(lag for lag in LAGS if lag < train.window)
    if name == "boosting":
        return tune_boosting(train, validation, (newest, lagged))
    spacing = -(-train.window * train.rows.shape[1] // MOST_INPUTS)
    whole = tuple(range(0, train.window, spacing))
    lags = {"logistic": newest, "logistic_lags": lagged, "ridge": whole}
    return tune_linear(train, validation, lags[name])
