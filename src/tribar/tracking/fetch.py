"""Brings a model from MLflow's store onto this disk."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tribar.errors import UserError, one_line
from tribar.tracking.gather.provenance import without_password
from tribar.tracking.store import open_client, tracking_uri

if TYPE_CHECKING:
    from mlflow import MlflowClient

_VARIABLE = "MLFLOW_TRACKING_URI"
_MODEL = "model.json"
"""The file that is in each folder of a model, and in no other."""


def name_store(home: Path) -> str:
    """Return where the store is, without a password."""
    return without_password(tracking_uri(home))


@contextmanager
def open_store(home: Path, what: str) -> Iterator["MlflowClient"]:
    """Yield a client of the store; whatever the store raises becomes a user's error.

    Args:
        home: the repository that keeps the store.
        what: is done with it, in words.

    Raises:
        UserError: the store does not answer, or refuses.
    """
    try:
        with open_client(home) as client, _everywhere(tracking_uri(home)):
            yield client
    except UserError:
        raise
    except Exception as error:  # a store raises whatever its database or its network does
        said = without_password(one_line(error))
        raise UserError(
            f"{name_store(home)}: cannot {what} ({said}); MLFLOW_TRACKING_URI names another store "
            "than mlflow.db in the repository"
        ) from None


@contextmanager
def _everywhere(uri: str) -> Iterator[None]:
    """Let MLflow look in this store too where it follows a URI, whatever client it was asked by."""
    import mlflow

    before = os.environ.get(_VARIABLE)
    mlflow.set_tracking_uri(uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(None)  # which takes the variable away
        if before:
            os.environ[_VARIABLE] = before


def fetch_model(uri: str, home: Path, folder: Path) -> Path:
    """Return the folder of a model of the store, downloaded.

    Args:
        uri: `models:/NAME@ALIAS`, `models:/NAME/VERSION`, `models:/ID`, `runs:/ID/NAME`, or
            `runs:/ID` for the first model of a run.
        home: the repository that keeps the store.
        folder: that takes it.

    Raises:
        UserError: the store does not answer, has no such model, or one of another kind.
    """
    with open_store(home, f"fetch {uri}") as client:
        from mlflow.artifacts import download_artifacts

        found = download_artifacts(_of_run(client, uri), dst_path=str(folder))
    places = [path.parent for path in Path(found).rglob(_MODEL)]
    if len(places) != 1:
        raise UserError(f"{uri}: no model of tribar; name one that evaluate has logged")
    return places[0]


def _of_run(client: "MlflowClient", uri: str) -> str:
    """Return the URI of a run's first model where the run alone is named."""
    kind, _, name = uri.rstrip("/").partition(":/")
    if kind != "runs" or "/" in name:
        return uri
    models = client.get_run(name).outputs.model_outputs
    if not models:
        raise UserError(f"{uri}: no model was logged with this run")
    return f"models:/{models[0].model_id}"
