"""The study as tables and figures for people, plots and metrics."""

from collections.abc import Sequence

import numpy as np
import optuna
import pandas as pd
from optuna.trial import TrialState, create_trial

from tribar.params import FixedDimension, Space
from tribar.tuning.space import distributions
from tribar.tuning.trial import TrialRow, best_of, running_best


def trial_table(rows: Sequence[TrialRow], space: Space) -> pd.DataFrame:
    """Return one line a trial: number, state, value, best value so far, epochs, params, reason."""
    completed = [row.value if row.state == "COMPLETE" else np.inf for row in rows]
    best = pd.Series(running_best([np.inf if v is None else v for v in completed]), dtype=float)
    frame = pd.DataFrame(
        {
            "trial": [row.number for row in rows],
            "state": [row.state for row in rows],
            "value": pd.Series([row.value for row in rows], dtype=float),
            "best": best.where(np.isfinite(best)),
            "epochs": [len(row.curve) for row in rows],
        }
    )
    for name in space:
        frame[name] = [row.params[name] for row in rows]
    return frame.assign(reason=[row.reason for row in rows])


def curve_table(rows: Sequence[TrialRow]) -> pd.DataFrame:
    """Return one line an epoch of every trial: trial, epoch, validation loss."""
    lines = [(row.number, epoch, loss) for row in rows for epoch, loss in enumerate(row.curve)]
    return pd.DataFrame(lines, columns=["trial", "epoch", "loss"])


def importance_table(rows: Sequence[TrialRow], space: Space) -> pd.DataFrame:
    """Return hyperparameters by importance (PED-ANOVA, Watanabe et al., 2023), highest first.

    Over the completed trials; a hyperparameter that took one value there, or any where fewer than
    two trials completed, has importance 0.
    """
    shares: dict[str, float] = dict.fromkeys(space, 0.0)
    completed = [row for row in rows if row.state == "COMPLETE"]
    varied: list[str] = [name for name in space if len({row.params[name] for row in completed}) > 1]
    if varied:
        study = _study_of(completed, space)
        shares |= optuna.importance.get_param_importances(study, params=varied)
    frame = pd.DataFrame(shares.items(), columns=["parameter", "importance"])
    return frame.sort_values(["importance", "parameter"], ascending=[False, True])


def correlation_table(rows: Sequence[TrialRow], space: Space) -> pd.DataFrame:
    """Return Spearman's rank correlations of the parameters and the value, completed trials only.

    A text or yes/no choice stands as one column of 0 and 1 for each of its values. A column that
    never varied has no correlation: its cells are empty.
    """
    completed = [row for row in rows if row.state == "COMPLETE"]
    names = [name for name, dim in space.items() if not isinstance(dim, FixedDimension)]
    frame = pd.DataFrame([[row.params[name] for name in names] for row in completed], columns=names)
    texts = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name].dtype)]
    encoded = pd.get_dummies(frame, columns=texts, prefix_sep="=", dtype=float).astype(float)
    encoded["value"] = [row.value for row in completed]
    table = encoded.corr(method="spearman")
    return table.rename_axis("parameter").reset_index()


def study_metrics(rows: Sequence[TrialRow], max_epochs: int) -> dict[str, float | int]:
    """Return best value and trial, counts by state, epochs run and epochs that pruning saved.

    Saved are the epochs that pruned trials had left of `max_epochs`; early stopping might have
    saved some of them too.
    """
    best = best_of(rows)
    assert best is not None
    assert best.value is not None
    states = [row.state for row in rows]
    return {
        "best_value": best.value,
        "best_trial": best.number,
        "completed": states.count("COMPLETE"),
        "pruned": states.count("PRUNED"),
        "failed": states.count("FAIL"),
        "epochs_run": sum(len(row.curve) for row in rows),
        "epochs_saved": sum(max_epochs - len(row.curve) for row in rows if row.state == "PRUNED"),
    }


def _study_of(rows: Sequence[TrialRow], space: Space) -> optuna.Study:
    study = optuna.create_study(direction="minimize")
    laws = distributions(space)
    for row in rows:
        study.add_trial(
            create_trial(
                state=TrialState.COMPLETE,
                value=row.value,
                params=dict(row.params),
                distributions=laws,
            )
        )
    return study
