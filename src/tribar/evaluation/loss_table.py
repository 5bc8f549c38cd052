"""Losses by decision time: what two revisions are compared by, small enough for git."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MOST_LINES = 5000
"""With more decision times than this, a line is the mean over several consecutive ones."""

_DIGITS = 9
_KEY = ["decision", "decisions", "samples"]


def times_a_line(times: int) -> int:
    """Return how many consecutive decision times a line joins.

    >>> times_a_line(729), times_a_line(12_000)
    (1, 3)
    """
    return max(1, -(-times // MOST_LINES))


def loss_table(
    samples: pd.DataFrame, losses: Mapping[str, NDArray[np.float64]], digits: int = _DIGITS
) -> pd.DataFrame:
    """Return the mean loss of each model at each decision time.

    Args:
        samples: columns symbol, decision and label, (n,).
        losses: of each model, (n,), by its name.
        digits: decimals that are kept.

    Returns:
        One line for `times_a_line` decision times: decision (the first of them), decisions (how
        many were made), samples (a hash of their symbols, times and labels: where it is equal,
        losses are of the same decisions), and a column for each model.
    """
    times, axis = pd.factorize(samples["decision"], sort=True)
    line = times // times_a_line(len(axis))
    of_line = pd.DataFrame({"line": line, **losses}).groupby("line")
    digest = pd.util.hash_pandas_object(samples[["symbol", "decision", "label"]], index=False)
    hashes = digest.groupby(line).sum()  # wraps around, and so does not depend on the order
    key = {
        "decision": axis[:: times_a_line(len(axis))],
        "decisions": of_line.size().to_numpy(),
        "samples": [f"{one:016x}" for one in hashes.to_numpy(np.uint64)],
    }
    return pd.concat([pd.DataFrame(key), of_line.mean().round(digits)], axis=1)


def shared_lines(base: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the lines of the same decisions in two tables, columns `_base`, `_new`."""
    return base.merge(new, on=_KEY, suffixes=("_base", "_new"), validate="one_to_one")
