"""Uncertainty: how much of a difference in loss may be the luck of the period."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.errors import UserError

_DRAWS_AT_ONCE = 1_000_000
"""Blocks drawn in one step: bounds memory at some tens of megabytes."""


@dataclass(frozen=True)
class Difference:
    """The mean loss of one model minus another's, in nats, with its confidence interval."""

    mean: float
    low: float
    high: float


def paired_block_bootstrap(
    ours: NDArray[np.float64],
    theirs: NDArray[np.float64],
    decision: pd.Series,
    block: int,
    resamples: int,
    confidence: float,
    rng: np.random.Generator,
) -> Difference:
    """Return mean(ours - theirs) with the percentile interval of a circular block bootstrap.

    All samples of one decision time move together, and with them those of the next times, so
    that neither dependence between symbols nor that of overlapping labels makes the interval
    too narrow. Blocks are `block` consecutive decision times, the first following on the
    last, so that every time is drawn as often (Politis and Romano, "A circular block-resampling
    procedure for stationary data", 1992; for moving blocks Kunsch, 1989). Choose a block at least
    as long as the labels' horizon. The result does not depend on the samples' order.

    >>> rng = np.random.default_rng(0)
    >>> decision = pd.Series(pd.date_range("2024-01-01", periods=200, freq="D", tz="UTC"))
    >>> theirs = rng.normal(1.10, 0.05, 200)
    >>> ours = theirs - rng.normal(0.02, 0.05, 200)
    >>> found = paired_block_bootstrap(ours, theirs, decision, 10, 500, 0.95, rng)
    >>> f"{found.mean:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"
    '-0.016 [-0.022, -0.010]'

    Args:
        ours: losses of the first model, (n,).
        theirs: losses of the second on the same samples, (n,).
        decision: decision time of each sample, (n,).
        block: decision times in a block.
        resamples: bootstrap resamples.
        confidence: share of the resampled means within the interval, between 0 and 1.
        rng: source of the resamples.

    Raises:
        UserError: the samples' decision times do not make two blocks: one has no spread.
    """
    sums, counts = _by_time(ours - theirs, decision)
    if len(sums) < 2 * block:
        raise UserError(
            f"evaluate.block: a bootstrap with blocks of {block} decision times needs at least "
            f"{2 * block} of them, the test split has {len(sums)}; lower it, or give the test "
            "split more bars"
        )
    means = _resampled_means(sums, counts, block, resamples, rng)
    tail = (1 - confidence) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return Difference(float(sums.sum() / counts.sum()), float(low), float(high))


def _by_time(
    difference: NDArray[np.float64], decision: pd.Series
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sum and the number of differences at each decision time, in order of time."""
    times, _ = pd.factorize(decision, sort=True)
    # A float's sum depends on its order, and the result must not.
    order = np.lexsort((difference, times))
    sums = np.bincount(times[order], weights=difference[order])
    return sums.astype(np.float64), np.bincount(times).astype(np.float64)


def _resampled_means(
    sums: NDArray[np.float64],
    counts: NDArray[np.float64],
    block: int,
    resamples: int,
    rng: np.random.Generator,
) -> NDArray[np.float64]:
    """Return each resample's mean per sample; a resample is as long as the series."""
    n = len(sums)
    lengths = np.diff([*range(0, n, block), n])
    summed, counted = _running_sum(sums), _running_sum(counts)
    at_once = max(1, _DRAWS_AT_ONCE // len(lengths))
    means = []
    for done in range(0, resamples, at_once):
        starts = rng.integers(n, size=(min(at_once, resamples - done), len(lengths)))
        ends = starts + lengths
        total = (summed[ends] - summed[starts]).sum(axis=1)
        means.append(total / (counted[ends] - counted[starts]).sum(axis=1))
    return np.concatenate(means)


def _running_sum(series: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the sums of the first 0, 1, ... values of the series followed by itself."""
    return np.concatenate([[0.0], np.cumsum(np.tile(series, 2))])
