"""The rows of features that windows are cut from."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tribar.market.bars import Bars
from tribar.market.feature_names import Feature


def feature_rows(bars: Bars, features: Sequence[Feature]) -> NDArray[np.float32]:
    """Return each feature at every bar, (bars, features); NaN where too few bars lie before."""
    columns = bars.columns
    rows = np.empty((len(bars.table), len(features)), dtype=np.float32)
    for own, seen in bars.index.chunks(before=max(feature.bars for feature in features) - 1):
        chunk = columns.select(seen)
        for number, feature in enumerate(features):
            rows[own, number] = feature(chunk)[own.start - seen.start :]
    return rows


def lacking(bars: Bars, features: Sequence[Feature]) -> list[Feature]:
    """Return the features that need a column which the bars lack."""
    has = set(bars.table.columns)
    return [one for one in features if not set(one.family.needs) <= has]
