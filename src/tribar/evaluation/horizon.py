"""How far labels reach: the length over which what is said of neighbouring decisions depends."""

import numpy as np
import pandas as pd


def horizon(samples: pd.DataFrame) -> int:
    """Return over how many decision times a label reaches, its own among them, at most.

    Two decisions at least so many times apart have labels that share no bar. It is
    `prepare.labels.horizon` for one market without gaps; interleaved calendars and labelled
    tables have no other measure.

    >>> day = pd.date_range("2024-01-01", periods=6, freq="D", tz="UTC")
    >>> horizon(pd.DataFrame({"decision": day[:4], "label_end": day[2:]}))
    2

    Args:
        samples: columns decision and label_end.
    """
    resolution = np.dtype("datetime64[ns]")
    decision, end = (samples[name].to_numpy(resolution) for name in ("decision", "label_end"))
    axis = np.unique(decision)
    reach = np.searchsorted(axis, end, side="left") - np.searchsorted(axis, decision)
    return max(int(reach.max(initial=1)), 1)
