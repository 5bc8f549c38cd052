"""Mirrors a study into an ordinary Optuna storage; what goes wrong there harms no study."""

import os
import time
import warnings
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self

import optuna
from optuna.distributions import BaseDistribution
from optuna.exceptions import ExperimentalWarning
from optuna.storages import RDBStorage
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from tribar.block import Choice
from tribar.config.schema import Params
from tribar.errors import one_line
from tribar.records.dashboard_notes import write_notes
from tribar.records.explain import explain
from tribar.search.dimensions import Space
from tribar.search.distributions import distributions
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.result import Span
from tribar.trials import TrialRow

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
        spec: its metrics.
    """

    url: str
    name: str
    space: Space
    fixed: Mapping[str, Choice]
    spec: ObjectiveSpec


def study_name(params: Params, digest: str) -> str:
    """Return a study's name in a storage: its source, its cells, and the identity, no other's."""
    cell = params.tune.space.get("cell")
    cells = "+".join(map(str, cell.values() if cell else [params.model.cell]))
    return f"{Path(params.prepare.source).name.partition('.')[0]}-{cells}-{digest}"


def storage_url(default: Path) -> str:
    """Return `TRIBAR_OPTUNA_STORAGE`, else SQLite's URL of a file; empty for no export."""
    url = os.environ.get(VARIABLE, f"sqlite:///{default}?timeout=60")
    return "" if url == "none" else url


class Export:
    """Takes a study's rows in the order of numbers, and returns at once; for a `with` block.

    A thread writes them. Its faults end as one line to `say`, and so does a storage that is still
    behind a while after the study has ended.

    Args:
        target: the study there; without a URL nothing is written.
        spans: when trials ran, by number.
        say: takes a line.

    Attributes:
        winner: number of the trial that won on fresh seeds, once it is known.
    """

    def __init__(
        self, target: Target, spans: Mapping[int, Span], say: Callable[[str], None]
    ) -> None:
        self._target, self._spans, self._say = target, spans, say
        self._rows: SimpleQueue[TrialRow | None] = SimpleQueue()
        self._writer = Thread(target=self._write, daemon=True)
        self._ended_well = False
        self.winner: int | None = None

    def __enter__(self) -> Self:
        """Begin to write."""
        if self._target.url:
            self._writer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait a while for what is not written yet."""
        if not self._target.url:
            return
        self._ended_well = error is None
        self._rows.put(None)
        self._writer.join(_PATIENCE)
        if self._writer.is_alive():
            self._say("export: the Optuna storage is slow; the next run writes what it still lacks")

    def put(self, row: TrialRow) -> None:
        """Add a trial, unless it is there."""
        if self._target.url:
            self._rows.put(row)

    def _write(self) -> None:
        try:
            self._mirror()
        except Exception as error:  # whatever a driver raises, the study goes on
            self._say(
                f"export to the Optuna storage failed ({one_line(error)}); the study and its "
                f"results are safe: mend {VARIABLE}, or set it to none, and run again to export"
            )

    def _mirror(self) -> None:
        """Add the rows that the study there lacks, each with its note, and renew all in the end."""
        target, direction = self._target, self._target.spec.direction
        study, spaces = _create(target, _open(target.url)), distributions(target.space)
        there, rows = len(study.get_trials(deepcopy=False)), list[TrialRow]()
        for row in iter(self._rows.get, None):
            rows.append(row)
            if row.number >= there:
                study.add_trial(_trial(row, spaces, self._spans.get(row.number)))
                write_notes(study, {row.number: explain(row, rows, direction)})
        if self._ended_well:
            notes = {row.number: explain(row, rows, direction, self.winner) for row in rows}
            write_notes(study, notes)


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
        directions=[StudyDirection[one.name] for one in target.spec.directions],
        load_if_exists=True,
    )
    study.set_user_attr(FIXED, dict(target.fixed))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        study.set_metric_names(list(target.spec.metrics))
    return study


def _trial(row: TrialRow, spaces: Mapping[str, BaseDistribution], span: Span | None) -> FrozenTrial:
    trial = create_trial(
        state=TrialState[row.state],
        values=list(row.values) or None,
        params=dict(row.params),
        distributions={name: spaces[name] for name in row.params},
        intermediate_values=dict(enumerate(row.curve)),
        user_attrs={"reason": row.reason} if row.reason else {},
    )
    if span:  # otherwise it has begun and ended now, for Optuna wants both
        trial.datetime_start, trial.datetime_complete = map(datetime.fromtimestamp, span)
    return trial
