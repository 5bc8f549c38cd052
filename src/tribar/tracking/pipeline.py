"""Logs a pipeline run: a parent run, and a child run for each trial."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tribar.errors import one_line
from tribar.tracking.provenance import provenance
from tribar.tracking.record import PipelineRecord, TrialRecord
from tribar.tracking.store import experiment_id, open_client, tracking_uri

if TYPE_CHECKING:
    from mlflow import MlflowClient

T = TypeVar("T")
_METRICS, _PARAMS = 900, 100
"""What one call may carry: MLflow admits 1000 items, 100 of them parameters."""
_LONGEST = 500
_LONGEST_TAG = 8000
_CUT = "\n… cut here: MLflow admits no more"
_STATUS = {"COMPLETE": "FINISHED", "PRUNED": "KILLED", "FAIL": "FAILED"}
"""How MLflow shows a trial's state; the tag `state` keeps the study's own word."""


@dataclass(frozen=True)
class TrackingResult:
    """Whether a run was logged, its id, and a line for the console."""

    run_id: str | None
    message: str


def log_pipeline(record: PipelineRecord, experiment: str, root: Path, home: Path) -> TrackingResult:
    """Log a run; a store that fails is reported and costs the log alone.

    Args:
        record: what to log.
        experiment: name of the experiment.
        root: the copy of the repository that ran.
        home: the repository that keeps the store.
    """
    uri = tracking_uri(home)
    try:
        with open_client(home) as client:
            run_id = _log_parent(client, record, experiment_id(client, experiment, home), root)
    except Exception as error:  # whatever a store raises must not cost the pipeline its results
        reason = one_line(error)
        return TrackingResult(None, f"tracking: not logged to {uri} ({reason}); results are safe")
    return TrackingResult(run_id, f"tracking: run {run_id} in {uri}")


def _log_parent(client: "MlflowClient", record: PipelineRecord, experiment: str, root: Path) -> str:
    tags = {**provenance(root), **record.tags}
    run = client.create_run(experiment, run_name="pipeline", tags=tags)
    run_id = str(run.info.run_id)
    try:
        _log_values(client, run_id, record.params, [(k, v, 0) for k, v in record.metrics.items()])
        for trial in record.trials:
            _log_trial(client, trial, experiment, run_id)
        for file in record.artifacts:
            client.log_artifact(run_id, str(file))
        client.log_artifacts(run_id, str(record.model), "model")
    except Exception:
        client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id)
    return run_id


def _log_trial(client: "MlflowClient", record: TrialRecord, experiment: str, parent: str) -> None:
    trial = record.row
    tags = {
        "mlflow.parentRunId": parent,
        "state": trial.state,
        "reason": _short(trial.reason),
        "explanation": _short(record.explanation),
    }
    run = client.create_run(experiment, run_name=f"trial {trial.number}", tags=tags)
    curve = [("validation_loss", loss, epoch) for epoch, loss in enumerate(trial.curve)]
    value = [] if trial.value is None else [("value", trial.value, 0)]
    _log_values(client, run.info.run_id, trial.params, curve + value)
    client.set_terminated(run.info.run_id, _STATUS[trial.state])


def _log_values(
    client: "MlflowClient",
    run_id: str,
    params: Mapping[str, object],
    metrics: Sequence[tuple[str, float, int]],
) -> None:
    """Log parameters and (name, value, step) metrics in as few calls as MLflow admits."""
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    names = [Param(name, str(value)[:_LONGEST]) for name, value in params.items()]
    values = [Metric(name, value, now, step) for name, value, step in metrics]
    batches = zip_longest(_chunks(values, _METRICS), _chunks(names, _PARAMS), fillvalue=())
    for some_values, some_names in batches:
        client.log_batch(run_id, metrics=some_values, params=some_names)


def _short(tag: str) -> str:
    if len(tag) <= _LONGEST_TAG:
        return tag
    return tag[: _LONGEST_TAG - len(_CUT)] + _CUT


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for first in range(0, len(items), size):
        yield items[first : first + size]
