"""The model that a command names: a folder, or one of MLflow's store."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tribar.outputs.workspace import BEST_MODEL, Workspace

_URIS = ("models:/", "runs:/")


@contextmanager
def model_folder(named: str | None, workspace: Workspace) -> Iterator[Path]:
    """Yield the folder of a model, which is gone afterwards if it was downloaded.

    Args:
        named: a folder, or a URI such as models:/tribar@champion; None for the best model.
        workspace: around the current folder.

    Raises:
        UserError: the store does not answer, or has no such model.
    """
    if named is None:
        yield workspace.source(BEST_MODEL)
    elif not named.startswith(_URIS):
        yield Path(named)
    else:
        from tribar.tracking.fetch import fetch_model

        with tempfile.TemporaryDirectory(prefix="tribar.") as temporary:
            yield fetch_model(named, workspace.home, Path(temporary))
