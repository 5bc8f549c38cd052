"""Mirrors a study into an ordinary Optuna storage; what goes wrong there harms no study."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import optuna
from optuna.distributions import BaseDistribution
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from tribar.block import Choice
from tribar.errors import one_line
from tribar.search.dimensions import Space
from tribar.search.distributions import distributions
from tribar.trials import Direction, TrialRow

VARIABLE = "TRIBAR_OPTUNA_STORAGE"
FIXED = "fixed"
"""The study's attribute that tells the value of what was not searched."""

_PATIENCE = 60.0
"""Seconds that a finished study waits for its last trials to be written."""


@dataclass(frozen=True)
class Target:
    """A study in a storage.

    Attributes:
        url: of the storage, as SQLAlchemy writes it.
        name: of the study.
        space: its search space.
        fixed: the value of each hyperparameter that is not searched.
        directions: of the metrics.
    """

    url: str
    name: str
    space: Space
    fixed: Mapping[str, Choice]
    directions: tuple[Direction, ...]


def storage_url(default: Path) -> str:
    """Return `TRIBAR_OPTUNA_STORAGE`, else SQLite's URL of a file; empty for no export."""
    url = os.environ.get(VARIABLE, f"sqlite:///{default}?timeout=60")
    return "" if url == "none" else url


@contextmanager
def open_export(
    target: Target, say: Callable[[str], None]
) -> Iterator[Callable[[TrialRow], object]]:
    """Yield what takes a study's rows in the order of numbers, and returns at once.

    A thread writes them. Its faults end as one line to `say`, and so does a storage that is still
    behind a while after the study has ended.
    """
    if not target.url:
        yield lambda row: None
        return
    rows: SimpleQueue[TrialRow | None] = SimpleQueue()
    writer = Thread(target=_write, args=(target, rows, say), daemon=True)
    writer.start()
    try:
        yield rows.put
    finally:
        rows.put(None)
        writer.join(_PATIENCE)
        if writer.is_alive():
            say("export: the Optuna storage is slow; the next run writes what it still lacks")


def _write(
    target: Target, rows: "SimpleQueue[TrialRow | None]", say: Callable[[str], None]
) -> None:
    try:
        _mirror(target, iter(rows.get, None))
    except Exception as error:  # whatever a driver raises, the study goes on
        say(
            f"export to the Optuna storage failed ({one_line(error)}); the study and its results "
            f"are safe: mend {VARIABLE}, or set it to none, and run again to export"
        )


def _mirror(target: Target, rows: Iterator[TrialRow]) -> None:
    """Add the rows that the study there lacks."""
    study, spaces = _create(target, _open(target.url)), distributions(target.space)
    there = len(study.get_trials(deepcopy=False))
    for row in rows:
        if row.number >= there:
            study.add_trial(_trial(row, spaces))


def _open(url: str) -> RDBStorage:
    """Return the storage; of two studies that make its tables at once, one has to try again."""
    storage = partial(RDBStorage, url, engine_kwargs={"pool_pre_ping": True})
    for seconds in (1, 2):
        with suppress(Exception):
            return storage()
        time.sleep(seconds)
    return storage()


def _create(target: Target, storage: RDBStorage) -> optuna.Study:
    study = optuna.create_study(
        study_name=target.name,
        storage=storage,
        directions=[StudyDirection[one.name] for one in target.directions],
        load_if_exists=True,
    )
    study.set_user_attr(FIXED, dict(target.fixed))
    return study


def _trial(row: TrialRow, spaces: Mapping[str, BaseDistribution]) -> FrozenTrial:
    return create_trial(
        state=TrialState[row.state],
        values=list(row.values) or None,
        params=dict(row.params),
        distributions={name: spaces[name] for name in row.params},
        intermediate_values=dict(enumerate(row.curve)),
        user_attrs={"reason": row.reason} if row.reason else {},
    )
