"""Importance: what a model uses of its features, and what a simple one would miss of them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.prepared import PreparedSplit
from tribar.evaluation.interval import MeanIntervals
from tribar.evaluation.permutation import feature_groups
from tribar.evaluation.references import MOST_DECISIONS, Decisions
from tribar.metrics.predictions import Labels, Probability
from tribar.metrics.scores import losses

Fit = Callable[[NDArray[np.float32], Labels, NDArray[np.float32]], Probability]
"""From training rows, (m, features), their labels, (m,), and rows, (n, features), to the
probabilities of these, (n, 3), by a model fitted on the former."""


@dataclass(frozen=True)
class Importance:
    """The rise in log-loss, in nats, without a group of features or without one.

    Attributes:
        method: permutation or drop_column.
        name: of the group or the feature.
        mean: of the rise; at or below 0 the model did no worse.
        low: of a permutation the least rise of the repeats: how much chance decides, and no
            interval; of a dropped column the interval's end, None with too few decisions.
        high: see low; the largest.
        decisions: that judged.
    """

    method: Literal["permutation", "drop_column"]
    name: str
    mean: float
    low: float | None
    high: float | None
    decisions: int


def permutation_importance(
    split: PreparedSplit, intact: Probability, permuted: Sequence[Probability]
) -> tuple[Importance, ...]:
    """Return how much a model loses when a group of features is permuted, the most first.

    The permutation importance of Breiman, "Random forests", 2001, section 10, with the features of
    a group permuted alike, and with whole blocks of consecutive rows exchanged within a symbol
    instead of single ones: a window still sees a plausible path of the group, only from another
    time. It says what this model uses, which another may replace or never need. Features that
    tell nearly the same belong in one group: were one permuted alone, it would contradict the
    others, and the rise would be larger than what the model loses without it. Groups that
    depend on each other have that fault still, so that the rises do not add up to the skill.

    Args:
        split: of its samples the labels count; at most `MOST_DECISIONS`, the `newest`.
        intact: probabilities of the samples, (n, 3).
        permuted: those that `permutations` lead to, in the same order.

    Raises:
        UserError: the probabilities are no distributions.
    """
    if not permuted:
        return ()
    labels = split.samples["label"].to_numpy()
    names = [name for name, _ in feature_groups(split.schema)]
    loss = losses(labels, intact).mean()
    rises = np.array([losses(labels, one).mean() - loss for one in permuted])
    return _sorted(
        Importance(
            "permutation",
            name,
            float(own.mean()),
            float(own.min()),
            float(own.max()),
            len(labels),
        )
        for name, own in zip(names, rises.reshape(len(names), -1), strict=True)
    )


def drop_column_importance(
    development: PreparedSplit, fit: Fit, confidence: float
) -> tuple[Importance, ...]:
    """Return how much a simple model loses on validation when it never sees a feature.

    It is fitted again on the training decisions without the feature (set to 0 throughout, which
    leaves a regularised regression nothing of it), on the newest bar of each. A rise says that
    the feature tells this model what the others do not. None does not say that it is worthless:
    two that tell the same can each be spared, and the networks see more than the newest bar.

    Args:
        development: with the samples of train and validation.
        fit: fits and predicts, its settings fixed, so that only the feature differs.
        confidence: of the intervals, which allow for labels that overlap.

    Raises:
        UserError: labels or probabilities are not valid.
    """
    train = Decisions.of(development, development.part("train")).evenly_spaced(MOST_DECISIONS)
    validation = development.part("validation")
    fitted, judged = (development.rows[last] for last in (train.last, validation["last"]))
    targets, labels = train.labels, validation["label"].to_numpy()
    intervals = MeanIntervals.over(validation, confidence)
    whole = losses(labels, fit(fitted, targets, judged))
    found = []
    for column, name in enumerate(development.schema.features):
        without = fit(_without(fitted, column), targets, _without(judged, column))
        rise = intervals.of(losses(labels, without) - whole)
        each = (rise.value, rise.low, rise.high, len(labels))
        found.append(Importance("drop_column", name, *each))
    return _sorted(found)


def importance_table(found: Sequence[Importance]) -> pd.DataFrame:
    """Return a line each, columns method, name, mean, low, high and decisions."""
    return pd.DataFrame([asdict(one) for one in found])


def _without(rows: NDArray[np.float32], column: int) -> NDArray[np.float32]:
    left = rows.copy()
    left[:, column] = 0
    return left


def _sorted(found: Iterable[Importance]) -> tuple[Importance, ...]:
    return tuple(sorted(found, key=lambda each: (-each.mean, each.name)))
