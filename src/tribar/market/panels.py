"""Panels: features and labels of every row, of bars or of a table that came labelled."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.config import LabelParams
from tribar.errors import UserError
from tribar.market.bars import Bars
from tribar.market.decisions import Panel
from tribar.market.feature_names import Feature
from tribar.market.feature_rows import feature_rows
from tribar.market.labels import BARRIERS, Labels, triple_barrier
from tribar.market.row_index import RowIndex, Times
from tribar.market.sources.labelled import LabelledTable

_GIVEN = ("given",) * len(BARRIERS)


def bar_panel(bars: Bars, features: Sequence[Feature], params: LabelParams) -> Panel:
    """Return features and triple-barrier labels of bars."""
    index = bars.index
    labels = triple_barrier(bars.columns, index, params)
    memory = {feature.name: feature.bars for feature in features}
    return Panel(
        index,
        feature_rows(bars, features),
        tuple(memory),
        labels,
        index.time[labels.end],
        BARRIERS,
        memory,
    )


def telling(panel: Panel) -> tuple[Panel, list[str]]:
    """Return a panel without the features that say nothing, and those in words.

    Raises:
        UserError: no feature says anything.
    """
    silent = {}
    for name, column in zip(panel.features, panel.values.T, strict=True):
        known = column[np.isfinite(column)]
        if not len(known) or known.min() == known.max():
            silent[name] = f"{name} ({f'{known[0]:g} everywhere' if len(known) else 'never known'})"
    kept = [name not in silent for name in panel.features]
    if not any(kept):
        raise UserError(
            f"prepare.features: none says anything: {', '.join(silent.values())}; give more bars, "
            "or choose others"
        )
    if all(kept):
        return panel, []
    features = tuple(name for name in panel.features if name not in silent)
    memory = {name: panel.memory[name] for name in features}
    values = np.ascontiguousarray(panel.values[:, kept])
    return replace(panel, values=values, features=features, memory=memory), list(silent.values())


def labelled_panel(source: LabelledTable) -> Panel:
    """Return the features and labels that a table has."""
    index, table = source.index, source.table
    label_end = table["label_end"].to_numpy()
    labelled, ends = table["label"].notna().to_numpy(), ~np.isnat(label_end)
    valid = labelled & ends
    nothing, unknown = np.zeros(len(table), dtype=np.bool_), np.full(len(table), np.nan)
    labels = Labels(
        valid,
        table["label"].fillna(0).to_numpy(np.int8),
        _end_rows(index, label_end, valid),
        unknown,
        unknown,
        labelled & ~ends,
        nothing,
        nothing,
    )
    values = table[list(source.features)].to_numpy(np.float32)
    return Panel(index, values, source.features, labels, label_end, _GIVEN)


def _end_rows(index: RowIndex, label_end: Times, valid: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the last row of the same symbol at or before each label's end."""
    rows = np.arange(len(index))
    for first, end in itertools.pairwise(index.starts):
        found = np.searchsorted(index.time[first:end], label_end[first:end], side="right") - 1
        rows[first:end] = np.where(valid[first:end], first + found, rows[first:end])
    return rows
