"""A pipeline run as it is logged, gathered from the files of its stages."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tribar.config.schema import Params
from tribar.dataset.prepared import read_split
from tribar.errors import UserError
from tribar.files import hash_text
from tribar.forecasting.forecaster import model_version
from tribar.outputs.workspace import (
    BEST_MODEL,
    BEST_PARAMS,
    DEVELOPMENT,
    RESULTS,
    STUDIES,
    TRIALS,
    TUNE,
    TUNE_METRICS,
    Workspace,
)
from tribar.records.stored import winner_of
from tribar.records.study_of_results import spans_of, study_of
from tribar.tracking.gather.children import seed_children, trial_children
from tribar.tracking.gather.datasets import data_name, dataset_records
from tribar.tracking.gather.description import verdict_markdown
from tribar.tracking.gather.durations import busy_seconds
from tribar.tracking.gather.headline import headline_metrics, headline_params
from tribar.tracking.gather.provenance import provenance
from tribar.tracking.record import ChildRecord, ModelRecord, PipelineRecord
from tribar.trial.result import Span
from tribar.trials import TrialRow, from_lines

EVALUATED = RESULTS / "evaluate/metrics.json"
_VERDICT = RESULTS / "evaluate/verdict.txt"
_TRAINED = RESULTS / "train-best/metrics.json"
_CURVES = RESULTS / "train-best/curves.csv"
_BEFORE = (TUNE_METRICS, BEST_PARAMS, TRIALS, TUNE / "trials.csv", _TRAINED, _CURVES)
_STAGES = ("prepare", "train-baseline", "tune", "train-best", "refit", "evaluate")
_DIGITS = 8


@dataclass(frozen=True)
class _Results:
    """What the stages left, as far as it is more than copied.

    Attributes:
        tuned: the study's metrics.
        best: its best parameters.
        trained: train-best's metrics.
        evaluated: evaluate's.
        rows: the trials.
        study: its identity where it lies on this machine, else the hash of its trials.
        spans: when trials ran, as far as that is known.
    """

    tuned: Mapping[str, Any]
    best: Mapping[str, Any]
    trained: Mapping[str, Any]
    evaluated: Mapping[str, Any]
    rows: tuple[TrialRow, ...]
    study: str
    spans: Mapping[int, Span]


def require_results(workspace: Workspace, paths: Sequence[Path] = _BEFORE) -> None:
    """Refuse, before a model is judged, to begin without what is to be logged beside it.

    Raises:
        UserError: a result is missing: by default, of tune or train-best.
    """
    for path in paths:
        if not workspace.source(path).is_file():
            raise UserError(
                f"{workspace.source(path)}: no such file; run `tribar {path.parent.name}` or "
                "`dvc repro`"
            )


def pipeline_record(params: Params, workspace: Workspace, span: Span) -> PipelineRecord:
    """Return the run of which the results lie in a workspace.

    Args:
        params: of the whole pipeline.
        workspace: where the stages' results lie.
        span: when the pipeline ran.

    Raises:
        UserError: a result or a prepared split is missing.
    """
    require_results(workspace, (*_BEFORE, EVALUATED, _VERDICT))
    found, source = _read(workspace), params.prepare.source
    schema = read_split(workspace.source(DEVELOPMENT), columns=[]).schema
    origin = provenance(workspace.root, schema)
    best = {name: str(value) for name, value in found.best.items()}
    model = workspace.source(BEST_MODEL)
    return PipelineRecord(
        name=os.environ.get("DVC_EXP_NAME") or f"{data_name(source)} {found.study[:_DIGITS]}",
        description=verdict_markdown(_text(workspace, _VERDICT).splitlines()),
        tags={"verdict": str(found.evaluated["verdict"]), "study": found.study, **origin},
        params=headline_params(params, found.best),
        metrics=headline_metrics(
            {"tune": found.tuned, "train-best": found.trained, "test": found.evaluated}
        ),
        texts={"params.json": params.model_dump_json(indent=2)},
        results=_folders(workspace),
        datasets=dataset_records(workspace, source),
        model=ModelRecord(
            model, f"{data_name(source)}-{found.best['cell']}", best, model_version(model)
        ),
        children=_children(params, workspace, found),
        span=span,
        trials_seconds=busy_seconds(found.spans.values()) if found.spans else None,
    )


def _read(workspace: Workspace) -> _Results:
    tuned, best, trained, evaluated = (
        json.loads(_text(workspace, path))
        for path in (TUNE_METRICS, BEST_PARAMS, _TRAINED, EVALUATED)
    )
    trials = _text(workspace, TRIALS)
    rows = from_lines(trials)
    study = study_of(rows, workspace.home / STUDIES)
    spans = spans_of(study) if study else {}
    name = study.digest if study else hash_text(trials)[:16]
    return _Results(tuned, best, trained, evaluated, rows, name, spans)


def _children(params: Params, workspace: Workspace, found: _Results) -> tuple[ChildRecord, ...]:
    winner = winner_of(workspace.source(TUNE_METRICS), found.rows)
    chosen = {name: str(found.best[name]) for name in params.tune.space if name in found.best}
    curves = pd.read_csv(workspace.source(_CURVES))
    trials = trial_children(found.rows, params, winner, found.spans)
    return (*trials, *seed_children(curves, chosen))


def _folders(workspace: Workspace) -> dict[str, Path]:
    """Return the stages' folders of results that there are, by stage."""
    folders = {stage: workspace.source(RESULTS / stage) for stage in _STAGES}
    return {stage: folder for stage, folder in folders.items() if folder.is_dir()}


def _text(workspace: Workspace, path: Path) -> str:
    return workspace.source(path).read_text(encoding="utf-8")
