"""What is doubtful in a labelled table: classes, ends, late columns, columns that tell labels."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.schema import CLASSES
from tribar.errors import listing
from tribar.market.findings.finding import Case, Evidence
from tribar.market.row_index import RowIndex, Times
from tribar.market.sources.ordering import Ordering
from tribar.market.sources.times import show_time

_TELLS, _DEPTH, _LEAST_ROWS, _MOST_ROWS = 0.95, 3, 100, 20_000
_SHOWN = 5


def judge_classes(label: "pd.Series[int]") -> Iterator[Evidence]:
    """Yield that the labels, NA where there is none, take two classes alone."""
    found = sorted(set(label.dropna().tolist()))
    absent = [str(one) for one in CLASSES if one not in found]
    cases = [Case(f"no label is {' or '.join(absent)}")] if len(found) == 2 else []
    yield Evidence("TD011", cases)


def judge_ends(ordering: Ordering, label: "pd.Series[int]", ends: Times) -> Iterator[Evidence]:
    """Yield the labels that end before their decision.

    Args:
        ordering: of the rows.
        label: NA where there is none.
        ends: (rows,), of the labels, in UTC; NaT where one is not known.
    """
    early = np.flatnonzero(label.notna().to_numpy() & (ends < ordering.index.time)).tolist()
    local = ordering.local(ends[early[:_SHOWN]])
    shown = [
        f"{ordering.name(place)} ({ordering.where(place)}: ends {show_time(end)})"
        for place, end in zip(early, local, strict=False)
    ]
    told = listing([*shown, *early[_SHOWN:]], _SHOWN)
    cases = [Case(f"{len(early)} of {label.count()} labels: {told}", early[0])] if early else []
    yield Evidence("TD014", cases)


def judge_late(index: RowIndex, values: pd.DataFrame) -> Iterator[Evidence]:
    """Yield the columns that begin later than all others, and what each costs.

    Args:
        index: of the rows.
        values: a line a row; the features, NaN where one is empty.
    """
    empty = {name: ~np.isfinite(values[name].to_numpy(np.float64)) for name in values}
    count = np.sum([*empty.values()], axis=0, dtype=np.int32)
    begun = _begun(index, count == 0)
    costs = {name: _begun(index, count == own) - begun for name, own in empty.items() if own.any()}
    cases = [Case(f"{name} costs {cost} rows") for name, cost in costs.items() if cost]
    yield Evidence("TD006", cases)


def _begun(index: RowIndex, whole: NDArray[np.bool_]) -> int:
    """Return how many rows are at or after their symbol's first whole one."""
    return int(pd.Series(whole).groupby(index.codes).cummax().sum())


def judge_columns(
    index: RowIndex, label: "pd.Series[int]", values: pd.DataFrame
) -> Iterator[Evidence]:
    """Yield the columns of which a shallow tree tells the later labels from the earlier ones.

    Args:
        index: of the rows.
        label: NA where there is none.
        values: a line a row; the features, all finite.
    """
    cases = []
    rows = np.flatnonzero(label.notna().to_numpy())
    rows = rows[np.argsort(index.time[rows], kind="stable")]
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(len(rows), _MOST_ROWS)).astype(int))]
    if len(rows) >= _LEAST_ROWS:
        truth = label.to_numpy(np.float64, na_value=0)[rows]
        for name in values:
            score = _balanced_accuracy(values[name].to_numpy(np.float64)[rows], truth)
            if score > _TELLS:
                cases.append(Case(f"{name} (balanced accuracy {score:.3f} out of time)"))
    yield Evidence("TD012", cases)


def _balanced_accuracy(column: NDArray[np.float64], truth: NDArray[np.float64]) -> float:
    """Return that of a shallow tree on the later half, grown on the earlier."""
    from sklearn.metrics import balanced_accuracy_score  # slow to import, and not always needed
    from sklearn.tree import DecisionTreeClassifier

    half = len(truth) // 2
    tree = DecisionTreeClassifier(max_depth=_DEPTH, random_state=0)
    if len(np.unique(truth[:half])) < 2 or len(np.unique(truth[half:])) < 2:
        return 0.0
    tree.fit(column[:half, None], truth[:half])
    return float(balanced_accuracy_score(truth[half:], tree.predict(column[half:, None])))
