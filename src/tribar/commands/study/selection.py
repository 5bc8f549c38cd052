"""Which of the stored studies a command is about."""

import json
from collections.abc import Sequence
from pathlib import Path

from tribar.config.reading import parse_yaml
from tribar.config.schema import Params
from tribar.errors import UserError, listing
from tribar.outputs.workspace import DEVELOPMENT, LOCK, PARAMS, STUDIES, STUDY, TRIALS, Workspace
from tribar.records.identity import Identity
from tribar.records.stored import (
    CommittedStudy,
    StoredStudy,
    changes,
    find_studies,
    find_study,
    names,
)


def stored_studies(workspace: Workspace) -> Sequence[StoredStudy]:
    """Return all studies, the one written last first.

    Raises:
        UserError: there is none.
    """
    studies = find_studies(workspace.home / STUDIES)
    if not studies:
        raise _no_study(workspace)
    return studies


def select_study(params: Params, workspace: Workspace, prefix: str | None) -> StoredStudy:
    """Return the study whose identity begins with `prefix`; None for the current one.

    Raises:
        UserError: there is no such study, or several.
    """
    if prefix is not None:
        return find_study(stored_studies(workspace), prefix)
    studies = find_studies(workspace.home / STUDIES)
    otherwise = f"name one of the studies that exist: {names(studies)}"
    return select_current(params, workspace, studies, otherwise)


def study_to_explain(params: Params, workspace: Workspace, prefix: str | None) -> StoredStudy:
    """Return the study that `select_study` does, or else that of the committed results.

    Where the current study has not run here, as after an experiment of other data, the results are
    what is meant if they are of the same parameters and data.

    Raises:
        UserError: there is no such study, or several.
    """
    try:
        return select_study(params, workspace, prefix)
    except UserError:
        if prefix is not None or not _are_results(params, workspace):
            raise
        return committed_study(params, workspace)


def select_current(
    params: Params, workspace: Workspace, studies: Sequence[StoredStudy], otherwise: str
) -> StoredStudy:
    """Return the study of the parameters and the data as they stand.

    Where no study has run, as in a fresh clone, it is that of the committed results.

    Raises:
        UserError: there is none; `otherwise` is what to do if not to begin it.
    """
    identity = current_identity(params, workspace)
    found = [study for study in studies if identity and study.digest == identity.digest]
    if found:
        return found[0]
    if not studies:
        return committed_study(params, workspace)
    if identity is None:
        raise UserError(
            f"{workspace.source(DEVELOPMENT)}: no prepared split, so nothing tells which study is "
            f"the current one; run `tribar prepare`, or {otherwise}"
        )
    changed = changes(studies[0].parts, identity.parts) if studies[0].parts else []
    since = f" (changed since {studies[0].digest}: {listing(changed)})" if changed else ""
    raise UserError(
        f"study {identity.digest}, that of the current parameters and data, has not begun{since}; "
        f"run `tribar tune`, or {otherwise}"
    )


def committed_study(params: Params, workspace: Workspace) -> CommittedStudy:
    """Return the study of the results in the repository.

    Raises:
        UserError: there are none, or dvc.lock has them of other parameters.
    """
    trials = workspace.root / TRIALS
    if not trials.is_file() or not _are_locked(params, workspace.root / LOCK, "tune"):
        raise _no_study(workspace)
    parts = {"objective": params.tune.objective.model_dump_json()}
    return CommittedStudy(trials.parent, parts, trials.stat().st_mtime)


def _are_results(params: Params, workspace: Workspace) -> bool:
    """Return whether the results of tune are of these parameters, and of the data if there is any.

    Other prepared data than that of the results would have another study.
    """
    lock = workspace.root / LOCK
    if not (_are_locked(params, lock, "prepare") and _are_locked(params, lock, "tune")):
        return False
    try:
        schema = json.loads((workspace.source(DEVELOPMENT) / "schema.json").read_text("utf-8"))
    except FileNotFoundError:
        return True
    seen = json.loads((workspace.root / STUDY).read_text("utf-8"))["development"]
    return bool(seen == schema["fingerprint"])


def _are_locked(params: Params, lock: Path, stage: str) -> bool:
    """Return whether dvc.lock has these parameters for a stage."""
    try:
        stages = parse_yaml(lock.read_text(encoding="utf-8"))["stages"]
        locked = stages[stage]["params"][str(PARAMS)].items()
        return all(
            type(getattr(params, name)).model_validate_json(json.dumps(block))
            == getattr(params, name)
            for name, block in locked
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False


def _no_study(workspace: Workspace) -> UserError:
    folder = workspace.home / STUDIES
    return UserError(f"{folder}: no study yet; run `tribar tune` or `dvc repro`")


def current_identity(params: Params, workspace: Workspace) -> Identity | None:
    """Return the identity of the current study; None where no data is prepared."""
    if not (workspace.source(DEVELOPMENT) / "schema.json").is_file():
        return None
    # Loads torch, which no study that is named needs.
    from tribar.stages.tune.current_study import current_study

    return current_study(params, workspace).identity
