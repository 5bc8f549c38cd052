"""Permutation importance: how much worse a model is without the order of one feature."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.prepared import PreparedSplit
from tribar.errors import UserError
from tribar.metrics.predictions import Probability
from tribar.metrics.scores import losses
from tribar.runtime import derive_seed


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


@dataclass(frozen=True)
class Permutation:
    """One feature's rows in another order, block by block within a symbol.

    Attributes:
        column: of the feature.
        block: consecutive rows that stay together; a symbol's last block may be shorter.
        seed: of the order.
    """

    column: int
    block: int
    seed: int

    def apply(self, split: PreparedSplit) -> NDArray[np.float32]:
        """Return a split's rows with the feature in another order."""
        rng, rows = np.random.default_rng(self.seed), np.array(split.rows)
        for segment in _segments(split.samples, split.schema.window):
            values = split.rows[segment, self.column]
            rows[segment, self.column] = _exchange(values, self.block, rng)
        return rows


def permutations(
    split: PreparedSplit, block: int, repeats: int, seed: int
) -> tuple[Permutation, ...]:
    """Return `repeats` permutations of each feature, feature by feature.

    Each is seeded by the feature's name: leaving one out changes no other's.

    Args:
        split: of whose samples symbol and last count.
        block: rows of a block.
        repeats: permutations of each feature.
        seed: root of their seeds.

    Raises:
        UserError: no symbol has more rows than one block.
    """
    segments = _segments(split.samples, split.schema.window)
    if all(segment.stop - segment.start <= block for segment in segments):
        raise UserError(
            f"evaluate.block: no symbol of the test split has more rows than one block of {block}, "
            "so that a permutation changes nothing: lower it, or give the test split more bars"
        )
    return tuple(
        Permutation(column, block, derive_seed(seed, "permutation", feature, repeat))
        for column, feature in enumerate(split.schema.features)
        for repeat in range(repeats)
    )


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


def _segments(samples: pd.DataFrame, window: int) -> Iterator[slice]:
    """Yield the rows that each symbol's windows see, in order of rows."""
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
