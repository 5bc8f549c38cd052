"""The model that a command names: a folder, a revision's, or one of MLflow's store."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tribar.commands.revisions import Revision
from tribar.errors import UserError
from tribar.outputs.workspace import BEST_MODEL, Workspace

_URIS = ("models:/", "runs:/")


@contextmanager
def model_folder(named: str | None, workspace: Workspace) -> Iterator[Path]:
    """Yield the folder of a model, which is gone afterwards if it was downloaded.

    Args:
        named: a folder; a revision or experiment, for its best model; a URI such as
            models:/tribar@champion; None for the best model.
        workspace: around the current folder.

    Raises:
        UserError: there is no such model, or the store does not answer.
    """
    if named is None:
        yield workspace.source(BEST_MODEL)
    elif Path(named).is_dir():
        yield Path(named)
    else:
        with tempfile.TemporaryDirectory(prefix="tribar.") as temporary:
            yield _fetch(named, workspace, Path(temporary))


def _fetch(named: str, workspace: Workspace, folder: Path) -> Path:
    if named.startswith(_URIS):
        from tribar.tracking.fetch import fetch_model

        return fetch_model(named, workspace.home, folder)
    try:
        return Revision(workspace.root, named).copy_model(folder)
    except UserError as error:
        raise UserError(f"{named}: no such folder; and {error}") from None
