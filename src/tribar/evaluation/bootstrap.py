"""Differences of scores that are no means over decisions: intervals by a block bootstrap."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm, t

from tribar.dataset.schema import CLASSES
from tribar.metrics.predictions import Labels, Probability, check, predicted_index

Floats = NDArray[np.float64]

LEAST_BLOCKS = 6
"""With fewer blocks there is no interval."""

_MOST_TIMES = 5000
"""Longer series are joined into so many groups of consecutive decision times."""


@dataclass(frozen=True)
class ScoreDifference:
    """The score of one model minus another's; NaN ends where there are too few blocks."""

    difference: float
    low: float
    high: float


@dataclass(frozen=True)
class SumScore:
    """A score that is a function of sums over samples.

    Attributes:
        terms: what is added up, (samples, k), of labels and probabilities.
        score: of the sums, (..., k), to (...).
    """

    terms: Callable[[Labels, Probability], Floats]
    score: Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class BlockResamples:
    """Resamples of decision times in blocks, the same for every score and model.

    Attributes:
        counts: how often each line of joined times is in a resample, (resamples, lines); no
            resample where there are fewer than `LEAST_BLOCKS` blocks.
        joined: consecutive decision times in a line.
        widening: by how much their interval is too narrow.
    """

    counts: Floats
    joined: int
    widening: float


def block_resamples(
    times: int, horizon: int, resamples: int, confidence: float, rng: np.random.Generator
) -> BlockResamples:
    """Return the resamples of a circular block bootstrap (Politis and Romano, 1992).

    A block is two horizons of decision times, and each resample as long as the series.

    Args:
        times: decision times.
        horizon: decision times over which a label reaches.
        resamples: how many.
        confidence: of the interval that they are for.
        rng: source of the resamples.
    """
    joined = -(-times // _MOST_TIMES)
    lines, reach = -(-times // joined), -(-horizon // joined)
    block = max(2 * reach, math.ceil(lines ** (1 / 3)))
    blocks = lines // block
    if blocks < LEAST_BLOCKS:
        return BlockResamples(np.empty((0, lines)), joined, math.nan)
    starts = rng.integers(lines, size=(resamples, -(-lines // block)))
    drawn = [_counts(one, block, lines) for one in starts]
    return BlockResamples(np.array(drawn), joined, _widening(blocks, block, reach, confidence))


def bootstrap_difference(
    ours: Floats,
    theirs: Floats,
    score: Callable[[Floats], Floats],
    resamples: BlockResamples,
    confidence: float,
) -> ScoreDifference:
    """Return a difference of scores with its interval.

    All samples of a decision time move together. The quantiles' distances from the resamples'
    mean are widened by `_widening`: without it such intervals cover about 91 % where they say 95.

    Args:
        ours: the score's terms added up by decision time, (times, k).
        theirs: the same of the other model.
        score: of the sums.
        resamples: of the decision times.
        confidence: of the interval.
    """
    found = float(score(ours.sum(axis=0)) - score(theirs.sum(axis=0)))
    if not len(resamples.counts):
        return ScoreDifference(found, math.nan, math.nan)
    mine, other = (resamples.counts @ _join(one, resamples.joined) for one in (ours, theirs))
    differences = score(mine) - score(other)
    tail = (1 - confidence) / 2
    ends = np.quantile(differences, [tail, 1 - tail]) - differences.mean()
    low, high = found + ends * resamples.widening
    return ScoreDifference(found, float(low), float(high))


def sums_by_time(terms: Floats, decision: pd.Series) -> Floats:
    """Return the terms of samples, (n, k), added up by decision time, (times, k)."""
    times, _ = pd.factorize(decision, sort=True)
    return np.stack([np.bincount(times, column) for column in terms.T], axis=1)


def _counts(starts: NDArray[np.int64], block: int, lines: int) -> Floats:
    """Return how often each line is in a resample of the blocks that start there, (lines,)."""
    at = (starts[:, None] + np.arange(block)).ravel()[:lines] % lines
    return np.bincount(at, minlength=lines).astype(np.float64)


def _join(series: Floats, size: int) -> Floats:
    """Return the sums of `size` consecutive times each."""
    joined: Floats = np.add.reduceat(series, np.arange(0, len(series), size))
    return joined


def _widening(blocks: int, block: int, reach: int, confidence: float) -> float:
    """Return by how much a block bootstrap's interval is too narrow.

    The few blocks ask for a t quantile and for the sample variance; the rest is the covariance
    that blocks cut, of a moving average over `reach` times 1 / 3 of reach / block.
    """
    quantile = (1 + confidence) / 2
    student = float(t.ppf(quantile, blocks - 1) / norm.ppf(quantile))
    return student * math.sqrt(blocks / (blocks - 1) / (1 - reach / (3 * block)))


def _confusion(labels: Labels, probability: Probability) -> Floats:
    cell = len(CLASSES) * check(labels, probability) + predicted_index(probability)
    indicator: Floats = np.eye(len(CLASSES) ** 2)[cell]
    return indicator


def calibration_score(bins: int) -> SumScore:
    """Return the expected calibration error in so many bins, as in metrics.reliability."""

    def terms(labels: Labels, probability: Probability) -> Floats:
        right = predicted_index(probability) == check(labels, probability)
        confidence = probability.max(axis=1)
        edges = np.linspace(0, 1, bins + 1)[1:-1]
        in_bin = np.eye(bins)[np.searchsorted(edges, confidence, side="left")]
        return np.concatenate([in_bin, in_bin * (right - confidence)[:, None]], axis=1)

    def score(sums: Floats) -> Floats:
        counts, gaps = np.split(sums, 2, axis=-1)
        error: Floats = np.abs(gaps).sum(axis=-1) / counts.sum(axis=-1)
        return error

    return SumScore(terms, score)


def _macro_f1(sums: Floats) -> Floats:
    right, actual, predicted = _margins(sums)
    mean: Floats = _ratio(2 * right, actual + predicted).mean(axis=-1)
    return mean


def _balanced_accuracy(sums: Floats) -> Floats:
    right, actual, _ = _margins(sums)
    occurs = (actual > 0).sum(axis=-1)
    mean: Floats = _ratio(right, actual).sum(axis=-1) / occurs
    return mean


def _mcc(sums: Floats) -> Floats:
    right, actual, predicted = _margins(sums)
    total = actual.sum(axis=-1)
    covariance = right.sum(axis=-1) * total - (actual * predicted).sum(axis=-1)
    spread = (total**2 - (actual**2).sum(axis=-1)) * (total**2 - (predicted**2).sum(axis=-1))
    return _ratio(covariance, np.sqrt(spread))


def _margins(sums: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the right ones, the actual and the predicted of each class, (..., classes)."""
    table = sums.reshape(*sums.shape[:-1], len(CLASSES), len(CLASSES))
    return np.diagonal(table, axis1=-2, axis2=-1), table.sum(axis=-1), table.sum(axis=-2)


def _ratio(part: Floats, whole: Floats) -> Floats:
    """Return part / whole, 0 where the whole is 0."""
    return np.divide(part, whole, out=np.zeros_like(whole), where=whole > 0)


CONFUSION_SCORES = {
    "balanced_accuracy": SumScore(_confusion, _balanced_accuracy),
    "macro_f1": SumScore(_confusion, _macro_f1),
    "mcc": SumScore(_confusion, _mcc),
}
"""Scores of the predicted classes, defined as in metrics.scores."""
