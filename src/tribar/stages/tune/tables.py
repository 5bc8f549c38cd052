"""The study as tables and figures for people, plots and metrics."""

import warnings
from collections.abc import Iterable, Sequence
from dataclasses import astuple, fields
from typing import cast

import numpy as np
import optuna
import pandas as pd
from optuna.exceptions import ExperimentalWarning
from optuna.study import StudyDirection
from optuna.trial import create_trial

from tribar.search.dimensions import FixedDimension, Space
from tribar.search.distributions import distributions
from tribar.study.loop import StudyResult
from tribar.study.ranking import pareto_front
from tribar.study.rescoring import Rescored
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trials import Direction, PruneCheck, TrialRow


def trial_table(
    rows: Sequence[TrialRow], space: Iterable[str], direction: Direction = Direction.MINIMIZE
) -> pd.DataFrame:
    """Return one line a trial: number, state, value, best value so far, epochs, params, reason."""
    worst = direction.sign * np.inf
    known = [row.values[0] if row.state == "COMPLETE" else worst for row in rows]
    best = pd.Series(direction.running_best(known), dtype=float)
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
        frame[name] = [row.params.get(name) for row in rows]
    return frame.assign(reason=[row.reason for row in rows])


def curve_table(rows: Sequence[TrialRow]) -> pd.DataFrame:
    """Return one line an epoch of every trial: trial, epoch, validation loss."""
    lines = [(row.number, epoch, loss) for row in rows for epoch, loss in enumerate(row.curve)]
    return pd.DataFrame(lines, columns=["trial", "epoch", "loss"])


def check_table(rows: Sequence[TrialRow]) -> pd.DataFrame:
    """Return one line a decision of the pruner: trial and all of `PruneCheck`.

    The threshold is empty where nothing was there to compare with.
    """
    names = [field.name for field in fields(PruneCheck)]
    lines = [(row.number, *astuple(check)) for row in rows for check in row.checks]
    return pd.DataFrame(lines, columns=["trial", *names])


def importance_table(
    rows: Sequence[TrialRow], space: Space, direction: Direction = Direction.MINIMIZE
) -> pd.DataFrame:
    """Return hyperparameters by importance (PED-ANOVA, Watanabe et al., 2023), highest first.

    Over the completed trials; those that every trial has together, a conditional one by itself over
    the trials that have it, and all scaled to the sum 1. A hyperparameter that took one value
    there, or any where fewer than two trials completed, has importance 0.
    """
    completed = [row for row in rows if row.state == "COMPLETE"]
    shared = [name for name in space if all(name in row.params for row in completed)]
    groups = [shared, *([name] for name in space if name not in shared)]
    raw: dict[str, float] = dict.fromkeys(space, 0.0)
    for group in groups:
        raw |= _importances(
            [row for row in completed if set(group) <= set(row.params)], group, space, direction
        )
    total = sum(raw.values())
    shares = {name: share / total if total else 0.0 for name, share in raw.items()}
    frame = pd.DataFrame(shares.items(), columns=["parameter", "importance"])
    return frame.sort_values(["importance", "parameter"], ascending=[False, True])


def _importances(
    rows: Sequence[TrialRow], names: Sequence[str], space: Space, direction: Direction
) -> dict[str, float]:
    varied = [name for name in names if len({row.params[name] for row in rows}) > 1]
    if not varied:
        return {}
    study = optuna.create_study(direction=StudyDirection[direction.name])
    dimensions = {name: one for name, one in distributions(space).items() if name in names}
    for row in rows:
        params = {name: row.params[name] for name in names}
        study.add_trial(create_trial(value=row.value, params=params, distributions=dimensions))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return optuna.importance.get_param_importances(study, params=varied, normalize=False)


def correlation_table(rows: Sequence[TrialRow], space: Space) -> pd.DataFrame:
    """Return Spearman's rank correlations of the parameters and the value, completed trials only.

    Each is over the trials that have both. A text or yes/no choice stands as one column of 0 and 1
    for each of its values. A column that never varied has no correlation: its cells are empty.
    """
    completed = [row for row in rows if row.state == "COMPLETE"]
    names = [name for name, dim in space.items() if not isinstance(dim, FixedDimension)]
    values = [[row.params.get(name) for name in names] for row in completed]
    frame = pd.DataFrame(values, columns=names)
    texts = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name].dtype)]
    if texts:  # pandas refuses to encode a table without a column
        frame = pd.get_dummies(frame, columns=texts, prefix_sep="=", dtype=float)
    encoded = frame.astype(float)
    encoded["value"] = [row.value for row in completed]
    table = encoded.corr(method="spearman")
    return table.rename_axis("parameter").reset_index()


def study_metrics(
    study: StudyResult, max_epochs: int, winner: Rescored
) -> dict[str, float | int | str]:
    """Return the winner's values, counts by state, epochs run and epochs that pruning saved.

    best_value is the value that the winner had in the study, rescored_mean its mean on fresh
    seeds. The winner was chosen by that mean, on the same validation samples, so it is too good
    as well, though by less.

    Saved are the epochs that pruned trials had left of `max_epochs`; early stopping might have
    saved some of them too.
    """
    rows, states = study.rows, [row.state for row in study.rows]
    return {
        "best_value": cast("float", winner.trial.value),
        "best_trial": winner.trial.number,
        "rescored_mean": winner.mean,
        "rescored_std": winner.std,
        "trials": len(rows),
        "stopped_by": study.stopped_by,
        "completed": states.count("COMPLETE"),
        "pruned": states.count("PRUNED"),
        "failed": states.count("FAIL"),
        "epochs_run": sum(len(row.curve) for row in rows),
        "epochs_saved": sum(max_epochs - len(row.curve) for row in rows if row.state == "PRUNED"),
    }


def pareto_table(rows: Sequence[TrialRow], spec: ObjectiveSpec, chosen: int) -> pd.DataFrame:
    """Return the trials that no other beats in every metric: trial, metric, value, chosen."""
    lines = [
        (row.number, metric, value, row.number == chosen)
        for row in pareto_front(rows, spec.directions)
        for metric, value in zip(spec.metrics, row.values, strict=True)
    ]
    return pd.DataFrame(lines, columns=["trial", "metric", "value", "chosen"])


def rescored_table(rescored: Sequence[Rescored]) -> pd.DataFrame:
    """Return one line a trial that was trained again, the winner first."""
    return pd.DataFrame(
        {
            "trial": [one.trial.number for one in rescored],
            "value": [one.trial.value for one in rescored],
            "mean": [one.mean for one in rescored],
            "std": [one.std for one in rescored],
            "seeds": [len(one.values) for one in rescored],
            "reason": ["; ".join(one.reasons) for one in rescored],
        }
    )
