"""Rows in which one feature stands in another order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.prepared import PreparedSplit
from tribar.errors import UserError
from tribar.runtime import derive_seed


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
