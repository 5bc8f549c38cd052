"""Permutation importance: how much worse a model is without the order of one feature."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tribar.dataset.prepared import PreparedSplit
from tribar.metrics.predictions import Probability
from tribar.metrics.scores import losses


@dataclass(frozen=True)
class Importance:
    """The rise in log-loss, in nats, when a feature is permuted.

    Attributes:
        feature: its name.
        mean: mean over the repeats; at or below 0 its order did not help the model.
        spread: sample standard deviation over the repeats, 0 for a single one.
    """

    feature: str
    mean: float
    spread: float


def importance(
    split: PreparedSplit, intact: Probability, permuted: Sequence[Probability]
) -> tuple[Importance, ...]:
    """Return the importance of every feature, the largest mean first.

    The permutation importance of Breiman, "Random forests", 2001, section 10, with whole blocks of
    consecutive rows exchanged within a symbol instead of single ones: a window still
    sees a plausible path of the feature, only from another time. It no longer fits the other
    features, though. Where correlated features carry opposing weights, permuting one of them
    makes inputs that cannot occur, and the rise is larger than what the model would lose
    without that feature: the importances add up to more than the model's skill.

    Args:
        split: of its samples the labels count.
        intact: probabilities of the samples, (n, 3).
        permuted: those that `permutations` lead to, in the same order.

    Raises:
        UserError: the probabilities are no distributions.
    """
    labels, features = split.samples["label"].to_numpy(), split.schema.features
    loss = losses(labels, intact).mean()
    rises = np.array([losses(labels, one).mean() - loss for one in permuted])
    found = [
        Importance(
            feature, float(np.mean(own)), float(np.std(own, ddof=1)) if len(own) > 1 else 0.0
        )
        for feature, own in zip(features, rises.reshape(len(features), -1), strict=True)
    ]
    return tuple(sorted(found, key=lambda each: (-each.mean, each.feature)))
