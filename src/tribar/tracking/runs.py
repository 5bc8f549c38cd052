"""Writes a pipeline's run, and the runs below it, into MLflow's store."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tribar.tracking.figures import draw_figures
from tribar.tracking.model import log_model
from tribar.tracking.record import ChildRecord, DatasetRecord, PipelineRecord
from tribar.trial.result import Span

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

_METRICS = 900
"""What one call may carry: MLflow admits 1000 items, and fewer parameters than a run has here."""
_LONGEST = 500
_TOO_LARGE = "attention.parquet"
"""No table of predictions, and as long as the window for each of them."""
_AT_ONCE = 8
"""Files on their way to a server, which may be far."""
_JUDGED = "test."


def log_run(client: "MlflowClient", record: PipelineRecord, experiment: str) -> str:
    """Log a run and those below it; return its id. What fails is marked so, and raised."""
    tags = {"kind": "pipeline", "mlflow.note.content": record.description, **record.tags}
    run_id = _create(client, experiment, record.name, record.span, tags)
    try:
        _log_inputs(client, run_id, record.datasets)
        _log_values(client, run_id, record.params, _figures(client, record, experiment, run_id))
        for child in record.children:
            _log_child(client, child, experiment, run_id, record)
        _log_files(client, run_id, record)
    except BaseException:
        with suppress(Exception):  # a store that is gone takes no mark
            client.set_terminated(run_id, "FAILED")
        raise
    client.set_terminated(run_id, "FINISHED", _milliseconds(record.span.ended))
    return run_id


def _log_inputs(client: "MlflowClient", run_id: str, datasets: Sequence[DatasetRecord]) -> None:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    client.log_inputs(
        run_id,
        [
            DatasetInput(
                Dataset(
                    name=one.name,
                    digest=one.digest,
                    source_type="local",
                    source=json.dumps({"uri": one.source}),
                    schema=json.dumps(
                        {"mlflow_colspec": [{"name": n, "type": "float"} for n in one.columns]}
                    ),
                    profile=json.dumps(one.profile),
                ),
                [InputTag("mlflow.data.context", one.context)],
            )
            for one in datasets
        ],
    )


def _figures(
    client: "MlflowClient", record: PipelineRecord, experiment: str, run_id: str
) -> list["Metric"]:
    """Log the model; return the run's figures, those of the test split as the model's too."""
    from mlflow.entities import Metric

    tags = {**_origin(record), "mlflow.note.content": record.description}
    model, test = log_model(client, record.model, tags, experiment, run_id), record.datasets[-1]
    ended = _milliseconds(record.span.ended)
    of_model = {"model_id": model, "dataset_name": test.name, "dataset_digest": test.digest}
    return [
        Metric(name, value, ended, 0, **(of_model if name.startswith(_JUDGED) else {}))
        for name, value in record.metrics.items()
    ]


def _log_child(
    client: "MlflowClient",
    child: ChildRecord,
    experiment: str,
    parent: str,
    record: PipelineRecord,
) -> None:
    from mlflow.entities import Metric

    tags = {
        "kind": child.kind,
        "mlflow.parentRunId": parent,
        "mlflow.note.content": child.description,
        **_origin(record),
        **child.tags,
    }
    # Of what has no time of its own MLflow still wants one: the pipeline's, and no duration.
    span = child.span or Span(record.span.began, record.span.began)
    run_id, ended = _create(client, experiment, child.name, span, tags), _milliseconds(span.ended)
    curves = [
        Metric(name, value, ended, step)
        for name, values in child.curves.items()
        for step, value in enumerate(values)
    ]
    _log_values(client, run_id, child.params, curves)
    client.set_terminated(run_id, child.status, ended)


def _origin(record: PipelineRecord) -> dict[str, str]:
    """Return the tags that MLflow's pages show as user and source."""
    return {key: value for key, value in record.tags.items() if key.startswith("mlflow.")}


def _log_values(
    client: "MlflowClient", run_id: str, params: Mapping[str, str], metrics: Sequence["Metric"]
) -> None:
    """Log parameters and metrics in as few calls as MLflow admits."""
    from mlflow.entities import Param

    names = [Param(name, value[:_LONGEST]) for name, value in params.items()]
    for first in range(0, max(len(metrics), 1), _METRICS):
        client.log_batch(
            run_id,
            metrics=metrics[first : first + _METRICS],
            params=() if first else names,
        )


def _log_files(client: "MlflowClient", run_id: str, record: PipelineRecord) -> None:
    """Log the stages' results, further texts, and the figures drawn from both."""
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary)
        (made / "figures").mkdir()
        draw_figures(record.results, made / "figures")
        for name, text in record.texts.items():
            (made / name).write_text(text, encoding="utf-8")
        folders = {**record.results, "figures": made / "figures", "": made}
        files = [(file, place) for place, folder in folders.items() for file in _files(folder)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            sent = [
                pool.submit(client.log_artifact, run_id, str(file), place or None)
                for file, place in files
            ]
            for one in sent:
                one.result()


def _files(folder: Path) -> list[Path]:
    return [
        file
        for file in sorted(folder.iterdir())
        if file.is_file() and not file.name.startswith(".") and file.name != _TOO_LARGE
    ]


def _create(
    client: "MlflowClient", experiment: str, name: str, span: Span, tags: Mapping[str, str]
) -> str:
    began = _milliseconds(span.began)
    run = client.create_run(experiment, start_time=began, run_name=name, tags=dict(tags))
    return str(run.info.run_id)


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
