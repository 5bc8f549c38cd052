"""What a prepared split says of itself: how it was made, and what may be learnt from it."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from tribar.dataset.definition import Definition
from tribar.dataset.schema import Schema
from tribar.market.bars import Bars
from tribar.market.config import PrepareParams
from tribar.market.decisions import Panel
from tribar.market.labels import volatility_bars
from tribar.market.sources.labelled import LabelledTable

NANOSECONDS = 1e9
"""In a second."""


def schema_of(panel: Panel, source: Bars | LabelledTable, params: PrepareParams) -> Schema:
    """Return the schema of a panel's rows, which knows nothing yet of what is learnt from."""
    return Schema(
        panel.features,
        params.window,
        params.splits.folds,
        params.splits.embargo,
        source.source_sha256,
        _groups(panel.features, params.feature_groups),
        panel.memory,
        _define(source, params) if isinstance(source, Bars) else None,
    )


def newest_bars(
    source: Bars | LabelledTable, schema: Schema, until: pd.Timestamp | None = None
) -> pd.DataFrame | None:
    """Return of each symbol the newest bars that a decision is made of, up to a time."""
    if not isinstance(source, Bars):
        return None
    if until is not None:
        source = source.select(source.index.time <= until.tz_convert(None).to_datetime64())
    return source.newest(schema.needed_bars).frame()


def _define(bars: Bars, params: PrepareParams) -> Definition:
    labels, usual = params.labels, np.median(bars.index.intervals.astype(np.int64))
    return Definition(
        labels,
        volatility_bars(labels.volatility_span) if labels.barriers == "volatility" else 1,
        params.timezone,
        params.stamps,
        interval=float(usual) / NANOSECONDS,
        max_gap_days=params.max_gap_days,
    )


def _groups(
    features: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> dict[str, tuple[str, ...]]:
    """Return the groups with the features that there are; one without any is none."""
    found = {
        name: tuple(one for one in members if one in features) for name, members in groups.items()
    }
    return {name: members for name, members in found.items() if members}
