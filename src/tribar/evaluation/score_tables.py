"""Scores of everyone, over all samples and by symbol, and how the best model's differ."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.evaluation.bootstrap import (
    CONFUSION_SCORES,
    BlockResamples,
    block_resamples,
    bootstrap_difference,
    calibration_score,
    sums_by_time,
)
from tribar.evaluation.config import EvaluateParams
from tribar.evaluation.forecasts import BEST, Forecasts
from tribar.evaluation.uncertainty import estimate
from tribar.metrics.predictions import (
    CLASS_NAMES,
    Labels,
    Probability,
    label_index,
    predicted_index,
)
from tribar.metrics.scores import Scores, brier_scores, score
from tribar.runtime import derive_seed

ALL = "all"
"""Stands for all symbols together."""

MOST_SYMBOLS = 50
"""Symbols with a line of their own: those with the most decisions."""


def score_everyone(forecasts: Forecasts, bins: int) -> dict[str, Scores]:
    """Return everyone's scores, skill against the class prior, by name."""
    reference = float(forecasts.losses["prior"].mean())
    return {
        who: score(forecasts.labels, one, reference, bins)
        for who, one in forecasts.probability.items()
    }


def score_table(forecasts: Forecasts, bins: int) -> pd.DataFrame:
    """Return a line for everyone over all symbols, then for each symbol: columns as in `Scores`."""
    symbols = forecasts.samples["symbol"].value_counts().sort_index(kind="stable")
    largest = symbols.sort_values(ascending=False, kind="stable").index[:MOST_SYMBOLS]
    parts = {ALL: forecasts}
    if len(symbols) > 1:
        parts |= {name: forecasts.among(forecasts.samples["symbol"] == name) for name in largest}
    lines = [
        {"symbol": symbol, "who": who, "decisions": len(part.samples), **one.metrics()}
        for symbol, part in parts.items()
        for who, one in score_everyone(part, bins).items()
    ]
    return pd.DataFrame(lines)


def probability_table(probability: Probability, bins: int = 50) -> pd.DataFrame:
    """Return how many decisions were given which probability of each class.

    Args:
        probability: (n, 3).
        bins: between 0 and 1, of equal width.

    Returns:
        A line a class and bin: columns class, probability (where the bin begins) and decisions.

    >>> found = probability_table(np.array([[0.1, 0.1, 0.8], [0.2, 0.3, 0.5]]), bins=2)
    >>> found["decisions"].tolist()
    [2, 0, 2, 0, 0, 2]
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    counts = [np.histogram(column, edges)[0] for column in probability.T]
    found = {
        "class": np.repeat(CLASS_NAMES, bins),
        "probability": np.tile(edges[:-1].round(6), len(CLASS_NAMES)),
        "decisions": np.concatenate(counts),
    }
    return pd.DataFrame(found)


def difference_table(forecasts: Forecasts, params: EvaluateParams, seed: int) -> pd.DataFrame:
    """Return a line for each score and other model: the best one's score minus the other's.

    Log-loss, Brier score and accuracy are means, with the interval of `uncertainty.estimate`; the
    others have that of `bootstrap.bootstrap_difference`. It is empty with too few decisions.

    Args:
        forecasts: of everyone.
        params: confidence, resamples and bins.
        seed: of the resamples.
    """
    times = forecasts.samples["decision"].nunique()
    rng = np.random.default_rng(derive_seed(seed, "bootstrap"))
    drawn = block_resamples(
        times, forecasts.horizon, params.bootstrap_samples, params.confidence, rng
    )
    lines = [
        (metric, other, *span)
        for other in forecasts.others()
        for metric, span in (
            *_mean_differences(forecasts, other, params.confidence),
            *_bootstrap_differences(forecasts, other, params, drawn),
        )
    ]
    return pd.DataFrame(lines, columns=["metric", "other", "difference", "low", "high"])


Span = tuple[float, float, float]


def _mean_differences(
    forecasts: Forecasts, other: str, confidence: float
) -> Iterator[tuple[str, Span]]:
    labels = forecasts.labels
    ours, theirs = (forecasts.probability[who] for who in (BEST, other))
    each = {
        "log_loss": forecasts.losses[BEST] - forecasts.losses[other],
        "brier": brier_scores(labels, ours) - brier_scores(labels, theirs),
        "accuracy": _hits(labels, ours) - _hits(labels, theirs),
    }
    for metric, values in each.items():
        found = estimate(forecasts.by_time(values))
        yield metric, (found.mean, *found.interval(confidence))


def _hits(labels: Labels, probability: Probability) -> NDArray[np.float64]:
    hits: NDArray[np.float64] = (predicted_index(probability) == label_index(labels)).astype(float)
    return hits


def _bootstrap_differences(
    forecasts: Forecasts, other: str, params: EvaluateParams, drawn: BlockResamples
) -> Iterator[tuple[str, Span]]:
    decision = forecasts.samples["decision"]
    for metric, one in {
        **CONFUSION_SCORES,
        "ece": calibration_score(params.calibration_bins),
    }.items():
        ours, theirs = (
            sums_by_time(one.terms(forecasts.labels, forecasts.probability[who]), decision)
            for who in (BEST, other)
        )
        found = bootstrap_difference(ours, theirs, one.score, drawn, params.confidence)
        yield metric, (found.difference, found.low, found.high)


def selection_table(validation: Forecasts, test: Forecasts) -> pd.DataFrame:
    """Return a line for each other model: the best one's lead on validation and on test.

    A lead is the other's log-loss minus the best one's, both as they are shipped. Validation has
    chosen epoch, trial and winner, so that what the lead loses on test, the gap, is what choosing
    has flattered, and the change of the market with it.
    """
    leads = {
        name: {
            other: float((part.losses[other] - part.losses[BEST]).mean())
            for other in part.losses
            if other != BEST
        }
        for name, part in (("validation_lead", validation), ("test_lead", test))
    }
    table = pd.DataFrame(leads).rename_axis("other").reset_index()
    return table.assign(gap=table["validation_lead"] - table["test_lead"])
