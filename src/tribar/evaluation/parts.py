"""Parts of the skill: where in the test split a model is better than its references."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.evaluation.interval import MeanIntervals
from tribar.metrics.predictions import CLASS_NAMES, Probability, label_index
from tribar.metrics.scores import losses

MOST_SYMBOLS = 50
"""So many symbols, those with the most decisions, have lines of their own."""

TERCILES = ("low", "middle", "high")


@dataclass(frozen=True, eq=False)
class Parts:
    """The differences of mean log-losses in parts of the samples.

    Attributes:
        table: a line a part and reference, columns part (symbol, year, volatility or label),
            value (which of them), decisions, reference, difference (ours minus theirs, in nats)
            and its interval, low and high, empty where there are too few decision times.
        notes: what is not in the table, a sentence each.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]


def skill_parts(
    samples: pd.DataFrame,
    ours: Probability,
    references: Mapping[str, Probability],
    confidence: float,
) -> Parts:
    """Return how much less we lose than each reference, by symbol, year, volatility and label.

    They describe, and find nothing: of many parts some lie apart by chance, and no interval
    allows for how many there are. Years are of the decision in UTC. The volatility at the
    decision is parted into thirds of these samples, all symbols together, so that a tercile may
    be mostly one symbol. A label is known afterwards only: whoever always says up gains where
    the label is up, and loses elsewhere.

    Args:
        samples: columns symbol, decision, label, label_end and volatility, (n,).
        ours: probabilities of the samples, (n, 3).
        references: as ours, by name.
        confidence: of the intervals.

    Raises:
        UserError: labels or probabilities are not valid.
    """
    labels, intervals = samples["label"].to_numpy(), MeanIntervals.over(samples, confidence)
    own = losses(labels, ours)
    differences = {name: own - losses(labels, theirs) for name, theirs in references.items()}
    rows = []
    for part, value, chosen in _parts(samples):
        among = intervals.among(chosen)
        for name, difference in differences.items():
            found = among.of(difference[chosen])
            known = (found.value, found.low, found.high)
            rows.append((part, value, int(chosen.sum()), name, *known))
    columns = ["part", "value", "decisions", "reference", "difference", "low", "high"]
    return Parts(pd.DataFrame(rows, columns=columns), tuple(_notes(samples)))


def _parts(samples: pd.DataFrame) -> Iterator[tuple[str, str, NDArray[np.bool_]]]:
    """Yield each part, its value and which samples it has, none of them empty."""
    symbol, year = samples["symbol"].to_numpy(), samples["decision"].dt.year.to_numpy()
    for name in sorted(_symbols(samples)[:MOST_SYMBOLS]):
        yield "symbol", name, symbol == name
    for one in np.unique(year):
        yield "year", str(one), year == one
    named = {
        "volatility": (TERCILES, _terciles(samples["volatility"].to_numpy())),
        "label": (CLASS_NAMES, label_index(samples["label"].to_numpy())),
    }
    for part, (names, index) in named.items():
        for number, name in enumerate(names):
            if (index == number).any():
                yield part, name, index == number


def _symbols(samples: pd.DataFrame) -> list[str]:
    """Return the symbols, those with the most decisions first, by name among equals."""
    counts = samples["symbol"].value_counts().sort_index()
    return [str(name) for name in counts.sort_values(ascending=False, kind="stable").index]


def _terciles(volatility: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return each sample's tercile, 0 to 2; -1 where the volatility is not known.

    >>> _terciles(np.array([0.1, np.nan, 0.3, 0.2]))
    array([ 0, -1,  2,  1])
    """
    known = ~np.isnan(volatility)
    tercile = np.full(len(volatility), -1)
    if known.any():
        edges = np.quantile(volatility[known], [1 / 3, 2 / 3])
        tercile[known] = np.searchsorted(edges, volatility[known])
    return tercile


def _notes(samples: pd.DataFrame) -> Iterator[str]:
    symbols, unknown = samples["symbol"].nunique(), int(samples["volatility"].isna().sum())
    if symbols > MOST_SYMBOLS:
        yield f"of {symbols} symbols the {MOST_SYMBOLS} with the most decisions have lines"
    if unknown == len(samples):
        yield "no terciles of volatility: the source does not say it"
    elif unknown:
        yield f"{unknown} decisions without a volatility are in no tercile"
