"""What a pipeline run leaves for the tracking store, gathered from the files of its stages."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.outputs.workspace import (
    BEST_MODEL,
    BEST_PARAMS,
    RESULTS,
    TRIALS,
    TUNE_METRICS,
    Workspace,
)
from tribar.records.explain import explain
from tribar.records.stored import winner_of
from tribar.tracking.record import PipelineRecord, TrialRecord
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trials import Direction, from_lines

_ARTIFACTS = (
    "evaluate/calibration.csv",
    "evaluate/comparison.csv",
    "evaluate/importance.csv",
    "evaluate/metrics.json",
    "evaluate/parts.csv",
    "evaluate/scores.csv",
    "evaluate/verdict.txt",
    "train-best/kfold.csv",
    "tune/best_params.json",
    "tune/checks.csv",
    "tune/correlation.csv",
    "tune/curves.csv",
    "tune/importance.csv",
    "tune/overfitting.json",
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
    tuned = [RESULTS / name for name in _ARTIFACTS if not name.startswith("evaluate/")]
    for path in (*tuned, *_CONTENTS, TRIALS):
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
        params={**flat(params.model_dump()), **flat({"best": best})},
        metrics=_numbers({**metrics, "test": evaluated}),
        tags={"verdict": str(evaluated["verdict"])},
        trials=_trials(workspace, ObjectiveSpec.of(params.tune.objective).direction),
        artifacts=tuple(workspace.source(RESULTS / name) for name in _ARTIFACTS),
        model=workspace.source(BEST_MODEL),
    )


def _trials(workspace: Workspace, direction: Direction) -> tuple[TrialRecord, ...]:
    rows = from_lines(workspace.source(TRIALS).read_text(encoding="utf-8"))
    winner = winner_of(workspace.source(TUNE_METRICS), rows)
    return tuple(TrialRecord(row, explain(row, rows, direction, winner)) for row in rows)


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the leaves of nested mappings by dotted path."""
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            leaves |= flat(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = value
    return leaves


def _numbers(tree: Mapping[str, Any]) -> dict[str, float]:
    """Return those leaves that a metric can be."""
    return {key: float(v) for key, v in flat(tree).items() if isinstance(v, int | float)}
