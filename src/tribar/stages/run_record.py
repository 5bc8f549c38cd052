"""What a pipeline run leaves for the tracking store, gathered from the files of its stages."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pandas as pd

from tribar.params import Params
from tribar.params.space import Choice
from tribar.stages.workspace import BEST_MODEL, RESULTS, Workspace
from tribar.tracking import PipelineRecord, TrialRecord
from tribar.tracking.record import State

_ABOUT_TRIAL = ("trial", "state", "value", "best", "epochs", "reason")
_ARTIFACTS = (
    "evaluate/calibration.csv",
    "evaluate/feature_importance.csv",
    "evaluate/metrics.json",
    "tune/best_params.json",
    "tune/correlation.csv",
    "tune/curves.csv",
    "tune/importance.csv",
    "tune/pareto.csv",
    "tune/rescored.csv",
    "tune/trials.csv",
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
    results = workspace.source(RESULTS)
    tuned = _read(results / "tune/metrics.json")
    best = _read(results / "tune/best_params.json")
    metrics = {"tune": tuned, "train-best": _read(results / "train-best/metrics.json")}
    return PipelineRecord(
        params={**_flat(params.model_dump()), **_flat({"best": best})},
        metrics=_numbers({**metrics, "test": evaluated}),
        tags={"verdict": str(evaluated["verdict"])},
        trials=_trials(results / "tune"),
        artifacts=tuple(results / name for name in _ARTIFACTS),
        model=workspace.source(BEST_MODEL),
    )


def _trials(folder: Path) -> tuple[TrialRecord, ...]:
    table = pd.read_csv(folder / "trials.csv", keep_default_na=False, na_values={"value": [""]})
    losses = pd.read_csv(folder / "curves.csv").groupby("trial")["loss"].apply(tuple)
    return tuple(
        TrialRecord(
            number=row["trial"],
            state=cast("State", row["state"]),
            value=None if math.isnan(row["value"]) else row["value"],
            params={name: cast("Choice", row[name]) for name in row if name not in _ABOUT_TRIAL},
            curve=losses.get(row["trial"], ()),
            reason=row["reason"],
        )
        for row in cast("list[dict[str, Any]]", table.to_dict("records"))
    )


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
