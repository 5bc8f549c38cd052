"""The trials of an earlier study, read from its journal or from an Optuna storage."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.storages import RDBStorage

from tribar.block import Choice
from tribar.errors import UserError, listing, one_line
from tribar.records.optuna_export import FIXED
from tribar.search.warm_start import FilteredTrials, KnownTrial
from tribar.study.journal import read_rows
from tribar.trials import Direction

Ended = tuple[str, Mapping[str, Any], float | None]
"""State, parameters and value of a trial."""


def from_journal(path: Path, fixed: Mapping[str, Choice]) -> FilteredTrials:
    """Return the completed trials of a study's journal; its writer may be at work.

    Args:
        path: of the journal.
        fixed: the value of each hyperparameter that the study did not search.

    Raises:
        UserError: it cannot be read.
    """
    rows = read_rows(path)
    ended = ((rows[n].state, rows[n].params, rows[n].value) for n in sorted(rows))
    return _completed(ended, fixed)


def from_storage(url: str, name: str | None, direction: Direction) -> FilteredTrials:
    """Return the completed trials of a study in an Optuna storage, which is only read.

    Args:
        url: of the storage, as SQLAlchemy writes it.
        name: of the study; None for the only one there.
        direction: in which the value has to be better.

    Raises:
        UserError: the storage cannot be opened, or has no such study, or the study has several
            values or goes the other way.
    """
    study = _open(url, name)
    if [one.name.lower() for one in study.directions] != [direction]:
        raise UserError(
            f"{study.study_name}: it does not {direction} one value, as tune.objective does; "
            "name another study"
        )
    trials = ((one.state.name, one.params, _value(one)) for one in study.get_trials(deepcopy=False))
    return _completed(trials, study.user_attrs.get(FIXED, {}))


def _value(trial: optuna.trial.FrozenTrial) -> float | None:
    return trial.values[0] if trial.values else None


def _completed(trials: Iterable[Ended], fixed: Mapping[str, Choice]) -> FilteredTrials:
    kept: list[KnownTrial] = []
    dropped: Counter[str] = Counter()
    for state, params, value in trials:
        if state != "COMPLETE":
            dropped["did not complete"] += 1
        elif value is None or not math.isfinite(value):
            dropped["value is not finite"] += 1
        else:
            chosen = {name: one for name, one in params.items() if one is not None}
            kept.append(KnownTrial(params={**fixed, **chosen}, value=value))
    return FilteredTrials(tuple(kept), dropped)


def _open(url: str, name: str | None) -> optuna.Study:
    try:
        _require_file(url)
        storage = RDBStorage(url, skip_table_creation=True)
        names = optuna.get_all_study_names(storage)
        return optuna.load_study(study_name=_choose(names, name), storage=storage)
    except UserError:
        raise
    except Exception as error:  # each driver raises its own
        raise UserError(
            f"the Optuna storage cannot be read ({one_line(error)}); write its URL as SQLAlchemy "
            "does, for instance sqlite:///optuna.db"
        ) from None


def _require_file(url: str) -> None:
    """Refuse a missing SQLite file, which SQLite would make."""
    scheme, _, rest = url.partition(":///")
    path = Path(rest.partition("?")[0])
    if scheme.startswith("sqlite") and "uri=true" not in rest and not path.is_file():
        raise UserError(f"{path}: no such SQLite file; write its URL as sqlite:///path/to/file.db")


def _choose(names: Sequence[str], name: str | None) -> str:
    if name is None and len(names) == 1:
        return names[0]
    if name is None or name not in names:
        asked = "several studies" if name is None else f"no study {name!r}"
        there = listing(names) or "it holds none"
        raise UserError(f"the Optuna storage holds {asked}; choose with --name: {there}")
    return name
