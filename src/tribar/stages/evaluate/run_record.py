"""What a pipeline run leaves for the tracking store, gathered from the files of its stages."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pandas as pd

from tribar.block import Choice
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.outputs.workspace import BEST_MODEL, BEST_PARAMS, RESULTS, TUNE, TUNE_METRICS, Workspace
from tribar.records.explain import explain
from tribar.tracking import PipelineRecord, TrialRecord
from tribar.trial.objective_spec import aim_of
from tribar.trials import Direction, PruneCheck, State, TrialRow

_ABOUT_TRIAL = ("trial", "state", "value", "best", "epochs", "reason")
_ARTIFACTS = (
    "evaluate/calibration.csv",
    "evaluate/feature_importance.csv",
    "evaluate/metrics.json",
    "tune/best_params.json",
    "tune/checks.csv",
    "tune/correlation.csv",
    "tune/curves.csv",
    "tune/importance.csv",
    "tune/pareto.csv",
    "tune/rescored.csv",
    "tune/trials.csv",
)
_CONTENTS = (TUNE_METRICS, BEST_PARAMS, RESULTS / "train-best/metrics.json")


def require_results(workspace: Workspace) -> None:
    """Refuse, before a model is judged, to begin without what is to be logged beside it.

    Raises:
        UserError: a result of tune or train-best is missing.
    """
    tuned = [RESULTS / name for name in _ARTIFACTS if name.startswith("tune/")]
    for path in (*tuned, *_CONTENTS):
        if not workspace.source(path).is_file():
            raise UserError(
                f"{workspace.source(path)}: no such file; run `tribar {path.parent.name}` or "
                "`dvc repro`"
            )


def pipeline_record(
    params: Params, evaluated: Mapping[str, Any], workspace: Workspace
) -> PipelineRecord:
    """Return the run's parameters, metrics, trials, artifacts and model.

    Args:
        params: of the whole pipeline.
        evaluated: the content of `results/evaluate/metrics.json`.
        workspace: where the stages' results lie.
    """
    tuned, best, trained = (_read(workspace.source(path)) for path in _CONTENTS)
    metrics = {"tune": tuned, "train-best": trained}
    return PipelineRecord(
        params={**_flat(params.model_dump()), **_flat({"best": best})},
        metrics=_numbers({**metrics, "test": evaluated}),
        tags={"verdict": str(evaluated["verdict"])},
        trials=_trials(workspace.source(TUNE), aim_of(params.tune.objective).direction),
        artifacts=tuple(workspace.source(RESULTS / name) for name in _ARTIFACTS),
        model=workspace.source(BEST_MODEL),
    )


def _trials(folder: Path, direction: Direction) -> tuple[TrialRecord, ...]:
    rows = trial_rows(folder)
    return tuple(
        TrialRecord(
            number=row.number,
            state=row.state,
            value=row.value,
            params=row.params,
            curve=row.curve,
            reason=row.reason,
            explanation=explain(row, rows, direction),
        )
        for row in rows
    )


def trial_rows(folder: Path) -> tuple[TrialRow, ...]:
    """Return the trials that the tables in `results/tune` describe, without their rungs."""
    trials = _with_gaps(pd.read_csv(folder / "trials.csv", keep_default_na=False))
    losses = _table(folder / "curves.csv").groupby("trial")["loss"].apply(tuple)
    checks = _checks(_table(folder / "checks.csv", na_values={"threshold": [""]}))
    return tuple(
        TrialRow(
            number=row["trial"],
            state=cast("State", row["state"]),
            value=row["value"],
            params={
                name: cast("Choice", cell)
                for name, cell in row.items()
                if name not in _ABOUT_TRIAL and cell is not None
            },
            curve=losses.get(row["trial"], ()),
            checks=checks.get(row["trial"], ()),
            reason=row["reason"],
        )
        for row in _records(trials)
    )


def _with_gaps(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with None for each empty cell, and numbers in columns that have some."""
    filled = table.copy()
    for name in table.columns.drop("reason"):
        column = table[name]
        if (column == "").any():
            numbers = pd.to_numeric(column.replace("", None), errors="coerce").convert_dtypes()
            text = column.replace("", None)
            best = text if numbers.isna().sum() > text.isna().sum() else numbers
            filled[name] = best.astype(object).where(text.notna(), None)
    return filled


def _checks(table: pd.DataFrame) -> dict[int, tuple[PruneCheck, ...]]:
    """Return the pruner's looks at each trial."""
    checks: dict[int, tuple[PruneCheck, ...]] = {}
    for line in _records(table):
        trial, threshold = line.pop("trial"), _number(line.pop("threshold"))
        checks[trial] = (*checks.get(trial, ()), PruneCheck(**line, threshold=threshold))
    return checks


def _table(path: Path, na_values: Mapping[str, list[str]] | None = None) -> pd.DataFrame:
    return pd.read_csv(path, keep_default_na=False, na_values=na_values)


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return cast("list[dict[str, Any]]", table.to_dict("records"))


def _number(cell: float) -> float | None:
    return None if math.isnan(cell) else cell


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the leaves of nested mappings by dotted path."""
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            leaves |= _flat(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = value
    return leaves


def _numbers(tree: Mapping[str, Any]) -> dict[str, float]:
    """Return those leaves that a metric can be."""
    return {key: float(v) for key, v in _flat(tree).items() if isinstance(v, int | float)}
