"""Rows in which one group of features stands in another order."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.schema import Schema
from tribar.runtime import derive_seed

MOST_DECISIONS = 10_000
"""So many decisions, the newest, judge a permutation at most: each is a prediction of them all."""

NO_PERMUTATION = (
    "no permutation importance: no symbol of the test split has more rows than one block, which is "
    "twice what a label reaches, so that a permutation would change nothing"
)


@dataclass(frozen=True)
class Permutation:
    """One group's rows in another order, the same for all its features, within a symbol.

    Attributes:
        columns: of the group's features.
        block: consecutive rows that stay together; a symbol's last block may be shorter.
        seed: of the order.
    """

    columns: tuple[int, ...]
    block: int
    seed: int

    def apply(self, split: PreparedSplit) -> NDArray[np.float32]:
        """Return a split's rows with the group in another order."""
        rng, rows = np.random.default_rng(self.seed), np.array(split.rows)
        columns = list(self.columns)
        for segment in _segments(split.samples, split.schema.window):
            order = _block_order(segment.stop - segment.start, self.block, rng)
            rows[segment, columns] = split.rows[segment, columns][order]
        return rows


def feature_groups(schema: Schema) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return each group's name and features; a feature in no group is one by itself.

    A table that came labelled has no groups, unless `prepare.feature_groups` names its columns:
    there each feature stands alone.

    >>> feature_groups(Schema(("a", "b", "c"), 2, 2, 0, "", groups={"both": ("c", "a")}))
    (('both', ('c', 'a')), ('b', ('b',)))
    """
    grouped = {name for members in schema.groups.values() for name in members}
    alone = tuple((name, (name,)) for name in schema.features if name not in grouped)
    return tuple(schema.groups.items()) + alone


def newest(samples: pd.DataFrame, most: int = MOST_DECISIONS) -> NDArray[np.bool_]:
    """Return which samples, (n,), are those of the newest whole decision times, `most` of them.

    At least one time, however many decisions it has.

    >>> newest(pd.DataFrame({"decision": [1, 2, 3, 1, 2, 3]}), most=5).tolist()
    [False, True, True, False, True, True]
    """
    time, _ = pd.factorize(samples["decision"], sort=True)
    later = np.cumsum(np.bincount(time)[::-1])[::-1]
    first = min(int((later > most).sum()), len(later) - 1)
    found: NDArray[np.bool_] = time >= first
    return found


def permutations(
    split: PreparedSplit, block: int, repeats: int, seed: int
) -> tuple[Permutation, ...]:
    """Return `repeats` permutations of each of the `feature_groups`, group by group.

    Each is seeded by the group's name: leaving one out changes no other's.

    Args:
        split: of whose samples symbol and last count.
        block: rows of a block, twice the horizon of the labels: decision times are rows of a
            symbol, or nearly.
        repeats: permutations of each group.
        seed: root of their seeds.

    Returns:
        Nothing where no symbol has more rows than one block.
    """
    segments = _segments(split.samples, split.schema.window)
    if all(segment.stop - segment.start <= block for segment in segments):
        return ()
    features = split.schema.features
    return tuple(
        Permutation(
            tuple(features.index(one) for one in members),
            block,
            derive_seed(seed, "permutation", name, repeat),
        )
        for name, members in feature_groups(split.schema)
        for repeat in range(repeats)
    )


def _segments(samples: pd.DataFrame, window: int) -> Iterator[slice]:
    """Yield the rows that each symbol's windows see, in order of rows."""
    lasts = samples.groupby("symbol")["last"].agg(["min", "max"]).sort_values("min")
    for first, last in lasts.itertuples(index=False):
        yield slice(int(first) - window + 1, int(last) + 1)


def _block_order(rows: int, block: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return an order of rows with blocks in a random order, the order within blocks kept."""
    block_of = np.arange(rows) // block
    rank = rng.permutation(block_of[-1] + 1)
    return np.argsort(rank[block_of], kind="stable")
