"""Mirrors a study into an ordinary Optuna storage; what goes wrong there harms no study."""

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import optuna
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from tribar.block import Choice
from tribar.search.dimensions import Space
from tribar.search.distributions import distributions
from tribar.trials import Direction, TrialRow

VARIABLE = "TRIBAR_OPTUNA_STORAGE"
FIXED = "fixed"
"""The study's attribute that tells the value of what was not searched."""

_PATIENCE = 60.0
"""Seconds that a finished study waits for its last trials to be written."""

_PAUSES = (1.0, 2.0)
"""Seconds before a storage is opened again: two that make its tables at once collide."""


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


def study_name(digest: str) -> str:
    """Return the name that a study has in a storage."""
    return f"tribar-{digest}"


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
        mirror = Mirror(target)
        batch: list[TrialRow | None] = []
        while None not in batch:
            batch = _waiting(rows)
            mirror.add([row for row in batch if row])
        mirror.add([])  # another copy of the study may have written to the same storage
    except Exception as error:  # whatever a driver raises, the study goes on
        first = str(error.__cause__ or error).strip().partition("\n")[0]
        say(
            f"export to the Optuna storage failed ({type(error).__name__}: {first}); the study and "
            f"its results are safe: mend {VARIABLE}, or set it to none, and run again to export"
        )


def _waiting(rows: "SimpleQueue[TrialRow | None]") -> list[TrialRow | None]:
    """Return the next row, waiting for it, and all that are there by then."""
    batch = [rows.get()]
    while not rows.empty():
        batch.append(rows.get())
    return batch


class Mirror:
    """A study in a storage that equals the rows added so far, trial for trial.

    Trials that are there already are left; where they are others, the study is written anew.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._laws = distributions(target.space)
        self._storage = _open(target.url)
        self._study = self._open_study()
        self._rows: list[TrialRow] = []
        self._compared = 0

    def add(self, rows: Sequence[TrialRow]) -> None:
        """Write those of the rows that the storage lacks."""
        self._rows += rows
        there = self._study.get_trials(deepcopy=False)
        if not self._agree(there):
            optuna.delete_study(study_name=self._target.name, storage=self._storage)
            self._study = self._open_study()
            there = []
        for row in self._rows[len(there) :]:
            self._study.add_trial(self._trial(row))

    def _agree(self, there: Sequence[FrozenTrial]) -> bool:
        since = slice(self._compared, min(len(there), len(self._rows)))
        pairs = zip(self._rows[since], there[since], strict=True)
        self._compared = since.stop
        return all(_same(row, trial) for row, trial in pairs)

    def _open_study(self) -> optuna.Study:
        self._compared = 0
        study = optuna.create_study(
            study_name=self._target.name,
            storage=self._storage,
            directions=self._target.directions,
            load_if_exists=True,
        )
        study.set_user_attr(FIXED, dict(self._target.fixed))
        return study

    def _trial(self, row: TrialRow) -> FrozenTrial:
        return create_trial(
            state=TrialState[row.state],
            values=_values(row),
            params=dict(row.params),
            distributions={name: self._laws[name] for name in row.params},
            intermediate_values=dict(enumerate(row.curve)),
            user_attrs={"reason": row.reason} if row.reason else {},
        )


def _same(row: TrialRow, trial: FrozenTrial) -> bool:
    return (row.state, _values(row), dict(row.params), dict(enumerate(row.curve))) == (
        trial.state.name,
        trial.values,
        trial.params,
        trial.intermediate_values,
    )


def _values(row: TrialRow) -> list[float] | None:
    return list(row.values) or (None if row.value is None else [row.value])


def _open(url: str) -> RDBStorage:
    for pause in _PAUSES:
        with suppress(Exception):
            return _storage(url)
        time.sleep(pause)
    return _storage(url)


def _storage(url: str) -> RDBStorage:
    return RDBStorage(url, engine_kwargs={"pool_pre_ping": True})
