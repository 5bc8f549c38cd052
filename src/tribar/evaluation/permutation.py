"""Permutation importance: how much worse a model is without the order of one feature."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.prepared import PreparedSplit
from tribar.errors import UserError
from tribar.metrics.predictions import Probability
from tribar.metrics.scores import losses
from tribar.runtime import derive_seed

Predict = Callable[[NDArray[np.float32]], Probability]
"""From rows, (rows, features), to the probabilities of the samples, (n, 3)."""


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
    predict: Predict, split: PreparedSplit, block: int, repeats: int, rng: np.random.Generator
) -> tuple[Importance, ...]:
    """Return the importance of every feature, the largest mean first.

    The permutation importance of Breiman, "Random forests", 2001, section 10, with whole blocks of
    `block` consecutive rows exchanged within a symbol instead of single ones: a window still
    sees a plausible path of the feature, only from another time. It no longer fits the other
    features, though. Where correlated features carry opposing weights, permuting one of them
    makes inputs that cannot occur, and the rise is larger than what the model would lose
    without that feature: the importances add up to more than the model's skill.

    A symbol's rows are those that its windows see, from its first window's first row
    to its last sample's last row. Each feature has a generator of its own, seeded by its name,
    so that leaving a feature out changes no other's permutations.

    Args:
        predict: from permuted rows to probabilities of the samples, in their order.
        split: rows, which are not changed, and samples, of which symbol, last and label count.
        block: rows of a block; a symbol's last block may be shorter.
        repeats: permutations of each feature.
        rng: source of the permutations.

    Raises:
        UserError: no symbol has more rows than one block, or `predict` gives no distributions.
    """
    rows, labels = split.rows, split.samples["label"].to_numpy()
    segments = list(_segments(split.samples, split.schema.window))
    if all(segment.stop - segment.start <= block for segment in segments):
        raise UserError(
            f"evaluate.block: no symbol of the test split has more rows than one block of {block}, "
            "so that a permutation changes nothing: lower it, or give the test split more bars"
        )
    root = int(rng.integers(2**32))
    intact = losses(labels, predict(rows)).mean()
    permuted = np.array(rows)
    found = []
    for column, feature in enumerate(split.schema.features):
        own = np.random.default_rng(derive_seed(root, "permutation", feature))
        rises = []
        for _ in range(repeats):
            for segment in segments:
                permuted[segment, column] = _exchange(rows[segment, column], block, own)
            rises.append(losses(labels, predict(permuted)).mean() - intact)
        permuted[:, column] = rows[:, column]
        spread = np.std(rises, ddof=1) if repeats > 1 else 0.0
        found.append(Importance(feature, float(np.mean(rises)), float(spread)))
    return tuple(sorted(found, key=lambda each: (-each.mean, each.feature)))


def _segments(samples: pd.DataFrame, window: int) -> Iterator[slice]:
    """Yield each symbol's rows, in order of rows."""
    lasts = samples.groupby("symbol")["last"].agg(["min", "max"]).sort_values("min")
    for first, last in lasts.itertuples(index=False):
        yield slice(int(first) - window + 1, int(last) + 1)


def _exchange(
    values: NDArray[np.float32], block: int, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Return the values with their blocks in a random order, the order within blocks kept."""
    block_of = np.arange(len(values)) // block
    rank = rng.permutation(block_of[-1] + 1)
    return values[np.argsort(rank[block_of], kind="stable")]
