"""The commands around studies: explain a trial, list, show, export and delete studies."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tribar.config.schema import Params
from tribar.errors import UserError, listing
from tribar.outputs.workspace import DEVELOPMENT, STUDIES, Workspace
from tribar.outputs.writers import write_csv, write_text
from tribar.records.explain import explain
from tribar.records.identity import Identity
from tribar.records.stored import StoredStudy, changes, delete, find_studies, names, pick
from tribar.stages.tune.tables import trial_table
from tribar.trials import State, best_of, to_lines

_STATES: tuple[State, ...] = ("COMPLETE", "PRUNED", "FAIL")


def explain_trial(
    params: Params, workspace: Workspace, console: Console, trial: int, wanted: str | None
) -> None:
    """Print all that a study knows of a trial.

    Args:
        params: their study is meant where `wanted` is None, as far as `tune.n_trials` goes.
        workspace: where studies and data lie.
        console: where to print.
        trial: its number.
        wanted: beginning of a study's identity.

    Raises:
        UserError: there is no such study or trial.
    """
    study = _chosen(params, workspace, wanted)
    rows = study.rows()
    if wanted is None:
        rows = tuple(one for one in rows if one.number < params.tune.n_trials)
    row = next((one for one in rows if one.number == trial), None)
    if row is None:
        numbers = f"trials {rows[0].number} to {rows[-1].number}" if rows else "no trial yet"
        raise UserError(
            f"trial {trial}: study {study.digest} has {numbers}"
            + ("; name another study with --study" if wanted is None else "")
        )
    _say(console, explain(row, rows, study.direction))


def list_studies(params: Params, workspace: Workspace, console: Console) -> None:
    """Print a line a study: trials by state, best value, when it was written, which is current."""
    studies, identity = _studies(workspace), _identity(params, workspace)
    table = Table("study", *_STATES, "best", "written", "", box=None)
    faults: list[str] = []
    for study in studies:
        mark = "current" if identity and study.digest == identity.digest else ""
        written = datetime.fromtimestamp(study.written).strftime("%Y-%m-%d %H:%M")
        try:
            figures = _figures(study)
        except UserError as error:
            faults.append(str(error))
            figures = ["?"] * 4
        table.add_row(study.digest, *figures, written, mark)
    console.print(table)
    if identity and all(study.digest != identity.digest for study in studies):
        _say(console, f"study {identity.digest}, that of the current parameters, has not begun")
    for fault in faults:
        _say(console, fault)


def show_study(params: Params, workspace: Workspace, console: Console, wanted: str | None) -> None:
    """Print a study's counts, its best trial's parameters and the parts of its identity.

    Raises:
        UserError: there is no such study, or its journal is damaged.
    """
    study = _chosen(params, workspace, wanted)
    rows = study.rows()
    counts = Counter(row.state for row in rows)
    states = ", ".join(f"{counts[state]} {state}" for state in _STATES)
    _say(console, f"study {study.digest}: {len(rows)} trials ({states})")
    best = best_of(rows, study.direction)
    if best:
        _say(console, f"best: {best.value:.6g} by trial {best.number}")
        for name, value in best.params.items():
            _say(console, f"  {name}: {value}")
    _say(console, "identity")
    for part, text in study.parts.items():
        _say(console, f"  {part}: {text}")


def export_study(
    params: Params, workspace: Workspace, console: Console, file: Path, wanted: str | None
) -> None:
    """Write a study's rows as JSON, one a line, or its table of trials as CSV.

    Raises:
        UserError: the file has another ending or cannot be written, or there is no such study.
    """
    if file.suffix not in (".json", ".csv"):
        raise UserError(f"{file}: ends in neither .json nor .csv; name a file of one of the two")
    study = _chosen(params, workspace, wanted)
    rows = study.rows()
    try:
        if file.suffix == ".csv":
            write_csv(file, trial_table(rows, dict.fromkeys(n for row in rows for n in row.params)))
        else:
            write_text(file, to_lines(rows))
    except OSError as error:
        raise UserError(f"{file}: cannot be written ({error.strerror}); name another") from None
    _say(console, f"{file}: {len(rows)} trials of study {study.digest}")


def prune_old(
    params: Params, workspace: Workspace, console: Console, agreed: Callable[[str], bool]
) -> None:
    """Delete every study but the current one; one that a process works on stays.

    Args:
        params: their study is the current one.
        workspace: where studies and data lie.
        console: where to print.
        agreed: asks the question and returns the answer.

    Raises:
        UserError: nothing tells which study is the current one, or one cannot be deleted.
    """
    studies = _studies(workspace)
    otherwise = f"delete folders of {workspace.home / STUDIES} yourself"
    current = _current(params, workspace, studies, otherwise)
    old = [study for study in studies if study != current]
    if not old or not agreed(f"delete {names(old)}, and keep {current.digest}?"):
        _say(console, f"nothing deleted; study {current.digest} is the current one")
        return
    for study in old:
        size = delete(study)
        done = "kept, a process works on it" if size is None else f"deleted, {size} bytes"
        _say(console, f"study {study.digest}: {done}")


def _studies(workspace: Workspace) -> Sequence[StoredStudy]:
    folder = workspace.home / STUDIES
    studies = find_studies(folder)
    if not studies:
        raise UserError(f"{folder}: no study yet; run `tribar tune` or `dvc repro`")
    return studies


def _chosen(params: Params, workspace: Workspace, wanted: str | None) -> StoredStudy:
    studies = _studies(workspace)
    if wanted is not None:
        return pick(studies, wanted)
    otherwise = f"name one of the studies that exist: {names(studies)}"
    return _current(params, workspace, studies, otherwise)


def _current(
    params: Params, workspace: Workspace, studies: Sequence[StoredStudy], otherwise: str
) -> StoredStudy:
    """Return the study of the parameters and the data as they stand; else say what to do."""
    identity = _identity(params, workspace)
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


def _identity(params: Params, workspace: Workspace) -> Identity | None:
    """Return the identity of the current study; None where no data is prepared."""
    if not (workspace.source(DEVELOPMENT) / "schema.json").is_file():
        return None
    # Loads torch, which no study that is named needs.
    from tribar.stages.tune.current_study import current_study

    return current_study(params, workspace).identity


def _figures(study: StoredStudy) -> list[str]:
    rows = study.rows()
    counts, best = Counter(row.state for row in rows), best_of(rows, study.direction)
    return [*(str(counts[state]) for state in _STATES), f"{best.value:.4f}" if best else "-"]


def _say(console: Console, text: str) -> None:
    console.print(text, highlight=False, markup=False, soft_wrap=True)
