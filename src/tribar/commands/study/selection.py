"""Which of the stored studies a command is about."""

from collections.abc import Sequence

from tribar.config.schema import Params
from tribar.errors import UserError, listing
from tribar.outputs.workspace import DEVELOPMENT, STUDIES, Workspace
from tribar.records.identity import Identity
from tribar.records.stored import StoredStudy, changes, find_studies, find_study, names


def stored_studies(workspace: Workspace) -> Sequence[StoredStudy]:
    """Return all studies, the one written last first.

    Raises:
        UserError: there is none.
    """
    folder = workspace.home / STUDIES
    studies = find_studies(folder)
    if not studies:
        raise UserError(f"{folder}: no study yet; run `tribar tune` or `dvc repro`")
    return studies


def select_study(params: Params, workspace: Workspace, prefix: str | None) -> StoredStudy:
    """Return the study whose identity begins with `prefix`; None for the current one.

    Raises:
        UserError: there is no such study, or several.
    """
    studies = stored_studies(workspace)
    if prefix is not None:
        return find_study(studies, prefix)
    otherwise = f"name one of the studies that exist: {names(studies)}"
    return select_current(params, workspace, studies, otherwise)


def select_current(
    params: Params, workspace: Workspace, studies: Sequence[StoredStudy], otherwise: str
) -> StoredStudy:
    """Return the study of the parameters and the data as they stand.

    Raises:
        UserError: there is none; `otherwise` is what to do if not to begin it.
    """
    identity = current_identity(params, workspace)
    if identity is None:
        raise UserError(
            f"{workspace.source(DEVELOPMENT)}: no prepared split, so nothing tells which study is "
            f"the current one; run `tribar prepare`, or {otherwise}"
        )
    found = [study for study in studies if study.digest == identity.digest]
    if found:
        return found[0]
    changed = changes(studies[0].parts, identity.parts) if studies[0].parts else []
    since = f" (changed since {studies[0].digest}: {listing(changed)})" if changed else ""
    raise UserError(
        f"study {identity.digest}, that of the current parameters and data, has not begun{since}; "
        f"run `tribar tune`, or {otherwise}"
    )


def current_identity(params: Params, workspace: Workspace) -> Identity | None:
    """Return the identity of the current study; None where no data is prepared."""
    if not (workspace.source(DEVELOPMENT) / "schema.json").is_file():
        return None
    # Loads torch, which no study that is named needs.
    from tribar.stages.tune.current_study import current_study

    return current_study(params, workspace).identity
