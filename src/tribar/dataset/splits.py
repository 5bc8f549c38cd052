"""Splits in order of time, purged by each label's real end."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.config import SplitParams
from tribar.dataset.schema import CLASSES
from tribar.errors import UserError

SPLITS = ("train", "validation", "test")
REMEDY = "give more bars, or change prepare.splits or prepare.labels"


@dataclass(frozen=True)
class FoldIndices:
    """Positions in a table of samples: to train on, and to evaluate on."""

    train: NDArray[np.int64]
    evaluated: NDArray[np.int64]


@dataclass(frozen=True)
class NestedIndices:
    """Positions in a table of samples: to train on, to choose the epoch on, and to evaluate on."""

    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    evaluated: NDArray[np.int64]


def chronological(samples: pd.DataFrame, params: SplitParams) -> NDArray[np.str_]:
    """Return each sample's split, or purged or embargo for a sample that is left out.

    The boundaries are decision times, so that samples of one time share a split. A sample is
    purged when its label ends at or after the next split's first decision, and embargoed when it
    ends less than `params.embargo` decision times before it.

    Sixteen daily decisions whose labels end a day later:

    >>> day = pd.date_range("2020-01-01", periods=17, freq="D", tz="UTC")
    >>> samples = pd.DataFrame({"decision": day[:16], "label_end": day[1:],
    ...                         "label": [-1, 0, 1, 0] * 4})
    >>> params = SplitParams(train=0.5, validation=0.25, embargo=0, folds=2)
    >>> pd.Series(chronological(samples, params)).value_counts(sort=False).to_dict()
    {'train': 7, 'purged': 2, 'validation': 3, 'test': 4}

    Args:
        samples: columns decision, label and label_end.
        params: shares and embargo.

    Raises:
        UserError: a split has no sample, or lacks a class.
    """
    decision, label_end = _times(samples, "decision"), _times(samples, "label_end")
    ordered, axis = np.sort(decision), np.unique(decision)
    shares = (params.train, params.train + params.validation)
    bounds = [ordered[min(int(share * len(ordered)), len(ordered) - 1)] for share in shares]
    split = np.array(SPLITS)[np.searchsorted(np.array(bounds), decision, side="right")]
    for name, first in zip(SPLITS[:2], bounds, strict=True):
        embargo = axis[max(np.searchsorted(axis, first) - params.embargo, 0)]
        earlier = split == name
        split[earlier & (label_end >= embargo)] = "embargo"
        split[earlier & (label_end >= first)] = "purged"
    for name in SPLITS:
        _require_classes(f"the {name} split", samples["label"].to_numpy()[split == name])
    return split


def purged_kfold(samples: pd.DataFrame, folds: int, embargo: int) -> list[FoldIndices]:
    """Return contiguous folds in time, each with the samples that may train for it.

    A training sample's interval, from its window's start to its label's end, does not meet the
    evaluated fold's, from its first decision to its last label end (Lopez de Prado, 2018, chapter
    7, with the window's look-back included); a window that opens within `embargo` decision
    times after the fold's last label end is left out too.

    Twelve daily decisions, windows of two bars, labels that end a day later, three folds:

    >>> day = pd.date_range("2020-01-01", periods=15, freq="D", tz="UTC")
    >>> samples = pd.DataFrame({"start": day[:12], "decision": day[2:14], "label_end": day[3:15],
    ...                         "label": [-1, 0, 1] * 4})
    >>> for fold in purged_kfold(samples, folds=3, embargo=1):
    ...     print(fold.train, fold.evaluated)
    [ 7  8  9 10 11] [0 1 2 3]
    [ 0  1  2 11] [4 5 6 7]
    [0 1 2 3 4 5 6] [ 8  9 10 11]

    Args:
        samples: columns start, decision, label and label_end.
        folds: number of folds.
        embargo: decision times.

    Raises:
        UserError: a fold has no sample to train or to evaluate on, or lacks a class there.
    """
    start, decision, label_end = (_times(samples, c) for c in ("start", "decision", "label_end"))
    axis = np.unique(decision)
    if len(axis) < folds:
        raise UserError(
            f"prepare.splits.folds: {folds} folds of {len(axis)} decision times; {REMEDY}"
        )
    found = []
    for number, times in enumerate(np.array_split(axis, folds)):
        evaluated = (decision >= times[0]) & (decision <= times[-1])
        last_end = label_end[evaluated].max()
        after = np.searchsorted(axis, last_end) + embargo
        later = start >= axis[after] if after < len(axis) else np.zeros(len(start), dtype=np.bool_)
        train = (label_end < times[0]) | later
        fold = FoldIndices(np.flatnonzero(train), np.flatnonzero(evaluated))
        _require_fold(number, samples, {"training": fold.train, "evaluated": fold.evaluated})
        found.append(fold)
    return found


def nested_kfold(samples: pd.DataFrame, folds: int, embargo: int) -> list[NestedIndices]:
    """Return the folds of `purged_kfold`, the training samples of each parted once more in time.

    What chooses among epochs has then seen nothing of the evaluated fold (nested cross-validation:
    Varma and Simon, 2006). The inner validation part has the share of the training samples that
    the validation split has of all samples.

    Args:
        samples: columns start, decision, label, label_end and split (train or validation).
        folds: number of folds.
        embargo: decision times.

    Raises:
        UserError: a part has no sample, or lacks a class.
    """
    share = float((samples["split"] == "validation").mean())
    found = []
    for number, fold in enumerate(purged_kfold(samples, folds, embargo)):
        train, validation = inner_split(samples, fold.train, share, embargo)
        parts = {"inner training": train, "inner validation": validation}
        _require_fold(number, samples, parts)
        found.append(NestedIndices(train, validation, fold.evaluated))
    return found


def inner_split(
    samples: pd.DataFrame, chosen: NDArray[np.int64], share: float, embargo: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Part some samples into older ones to train on and the newest ones to validate on.

    A sample whose label ends at or after the first decision of the newer part, or less than
    `embargo` decision times before it, is in neither.

    Seven of eight daily decisions whose labels end a day later:

    >>> day = pd.date_range("2020-01-01", periods=9, freq="D", tz="UTC")
    >>> samples = pd.DataFrame({"decision": day[:8], "label_end": day[1:]})
    >>> inner_split(samples, np.arange(7), share=0.4, embargo=1)
    (array([0, 1]), array([4, 5, 6]))

    Args:
        samples: columns decision and label_end.
        chosen: positions of the samples to part.
        share: of them that validate, about; those of one decision time stay together.
        embargo: decision times of all samples.
    """
    decision, label_end = _times(samples, "decision"), _times(samples, "label_end")
    ordered, axis = np.sort(decision[chosen]), np.unique(decision)
    first = ordered[min(int((1 - share) * len(ordered)), len(ordered) - 1)]
    limit = axis[max(np.searchsorted(axis, first) - embargo, 0)]
    return chosen[label_end[chosen] < limit], chosen[decision[chosen] >= first]


def _times(samples: pd.DataFrame, column: str) -> NDArray[np.datetime64]:
    """Return a column of UTC times as plain datetime64: comparing those costs nothing."""
    return samples[column].to_numpy(np.dtype("datetime64[ns]"))


def _require_fold(
    number: int, samples: pd.DataFrame, parts: Mapping[str, NDArray[np.int64]]
) -> None:
    labels = samples["label"].to_numpy()
    for what, chosen in parts.items():
        _require_classes(f"the {what} part of fold {number}", labels[chosen])


def _require_classes(where: str, labels: NDArray[np.int8]) -> None:
    if len(labels) == 0:
        raise UserError(f"{where} has no sample; {REMEDY}")
    missing = [label for label in CLASSES if not (labels == label).any()]
    if missing:
        raise UserError(
            f"{where} has {len(labels)} samples and none of label {missing[0]}; {REMEDY}"
        )
