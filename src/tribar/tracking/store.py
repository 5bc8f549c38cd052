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
    # A dead server costs seconds: MLflow's own defaults retry each call for four minutes.
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1",
    "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
}


def tracking_uri(home: Path) -> str:
    """Return `MLFLOW_TRACKING_URI`, else the SQLite store of the repository `home`."""
    return os.environ.get("MLFLOW_TRACKING_URI") or f"sqlite:///{home.resolve() / 'mlflow.db'}"


@contextmanager
def open_client(home: Path) -> Iterator["MlflowClient"]:
    """Yield a client of the store, alone on it where the store is a file.

    The first use of a SQLite store migrates it; two processes at once would break it.
    """
    for name, value in _DEFAULTS.items():
        os.environ.setdefault(name, value)
    import mlflow

    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    uri = tracking_uri(home)
    with _alone(home) if uri.startswith("sqlite:") else nullcontext():
        yield mlflow.MlflowClient(uri)


def experiment_id(client: "MlflowClient", name: str, home: Path) -> str:
    """Return the experiment's id, making it where it is missing.

    Artifacts of the repository's own store get an absolute place: MLflow's default is relative to
    the current folder, which inside `dvc exp run --temp` is soon deleted.
    """
    found = client.get_experiment_by_name(name)
    if found:
        return str(found.experiment_id)
    local = "MLFLOW_TRACKING_URI" not in os.environ
    place = (home.resolve() / "mlartifacts").as_uri() if local else None
    return str(client.create_experiment(name, artifact_location=place))


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    folder = home / ".tribar"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "mlflow.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
