"""What evaluate left of the test split, refused where it is of another model or other data."""

import numpy as np
import pandas as pd

from tribar.commands.promote.history import KEY, Answers
from tribar.errors import UserError
from tribar.evaluation.forecasts import BEST, Forecasts
from tribar.metrics.predictions import CLASS_NAMES
from tribar.outputs.workspace import RESULTS, Workspace

_PREDICTIONS = RESULTS / "evaluate/predictions.parquet"
_ROUNDING = 1e-4
"""Probabilities of one model differ by less from processor to processor."""


def read_evaluated(workspace: Workspace, best: Answers) -> Forecasts:
    """Return everyone's forecasts of the test split.

    Args:
        workspace: where results lie.
        best: what the best model says now.

    Raises:
        UserError: nothing was evaluated, or another model, or on other data.
    """
    path = workspace.source(_PREDICTIONS)
    try:
        table = pd.read_parquet(path)
    except OSError:
        raise UserError(f"{path}: nothing evaluated yet; run `dvc repro`, or `dvc pull`") from None
    names = [f"{BEST}_{name}" for name in CLASS_NAMES]
    both = table[[*KEY, "label", *names]].merge(best.table, on=[*KEY, "label"])
    then, now = (both[[f"{name}{suffix}" for name in names]] for suffix in ("_x", "_y"))
    if len(both) < len(table) or np.abs(then.to_numpy() - now.to_numpy()).max() > _ROUNDING:
        raise UserError(
            f"{path}: not what models/best says of these bars and labels: it was evaluated "
            "before, or on other data; run `dvc repro`"
        )
    return Forecasts.from_table(table)
