"""Where runs are logged: a server that the user names, or a SQLite file in the repository."""

import fcntl
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlflow import MlflowClient

_DEFAULTS = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    # A dead server is told at once: MLflow's own defaults retry each call for four minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
}
_KIND = "custom_model_development"
_TAGS = {
    "mlflow.experimentKind": _KIND,
    "mlflow.note.content": "Recurrent classifiers of triple-barrier labels, tuned and judged by a "
    "DVC pipeline. A run is the whole pipeline; below it are trials of its study, and the seeds "
    "of its best model.",
}
"""What an experiment lacks that was made without: MLflow's pages open one of another kind, or of
none, among those of language models."""


def tracking_uri(home: Path) -> str:
    """Return `MLFLOW_TRACKING_URI`, else the SQLite store of the repository `home`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home.resolve() / 'mlflow.db'}"


def page(uri: str, experiment: str, run_id: str = "") -> str:
    """Return the address of an experiment's runs, or of one, among the pages of model training.

    MLflow 3 begins with those of language models, whatever an experiment says of itself. A store
    without pages is its own address.

    >>> page("http://127.0.0.1:5000", "1")
    'http://127.0.0.1:5000/#/experiments/1/runs?workflowType=machine_learning'
    """
    if not uri.startswith("http"):
        return uri
    runs = f"{uri.rstrip('/')}/#/experiments/{experiment}/runs"
    return f"{runs}{run_id and f'/{run_id}'}?workflowType=machine_learning"


@contextmanager
def open_client(home: Path) -> Iterator["MlflowClient"]:
    """Yield a client of the store, alone on it where the store is a file.

    The first use of a SQLite store migrates it; two processes at once would break it.
    """
    load()
    from mlflow import MlflowClient

    uri = tracking_uri(home)
    with _alone(home) if uri.startswith("sqlite:") else nullcontext():
        yield MlflowClient(uri)


def load() -> None:
    """Import all of MLflow that a log takes, silent, and patient as is wanted here."""
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    import mlflow.pyfunc
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)


def experiment_id(client: "MlflowClient", name: str, home: Path) -> str:
    """Return the experiment's id, making it where it is missing.

    Artifacts of the repository's own store get an absolute place: MLflow's default is relative to
    the current folder, which inside `dvc exp run --temp` is soon deleted.
    """
    found = client.get_experiment_by_name(name)
    if found:
        for key in _TAGS.keys() - found.tags.keys():
            client.set_experiment_tag(found.experiment_id, key, _TAGS[key])
        return str(found.experiment_id)
    local = "MLFLOW_TRACKING_URI" not in os.environ
    place = (home.resolve() / "mlartifacts").as_uri() if local else None
    return str(client.create_experiment(name, artifact_location=place, tags=_TAGS))


def experiments(client: "MlflowClient") -> dict[str, str]:
    """Return the ids of the experiments that are logged here, by name; the newest first."""
    found = client.search_experiments(filter_string=f"tags.`mlflow.experimentKind` = '{_KIND}'")
    return {one.name: str(one.experiment_id) for one in found}


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    folder = home / ".tribar"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "mlflow.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
