"""What a person sees of a running study: a live table on a terminal, plain lines elsewhere."""

import os
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from tribar.console import print_line
from tribar.search.sampled_points import format_point
from tribar.study.ranking import best_of
from tribar.trial.running_trials import TrialStatus
from tribar.trials import Direction, TrialRow

_SHOWN = 8
_UNBOUNDED = 10_000
"""Columns that no table needs."""
_COLOURS = {"COMPLETE": "green", "PRUNED": "yellow", "FAIL": "red"}


@dataclass(eq=False)
class LiveView:
    """Shows finished trials, the running ones, the best and how far the study is.

    Attributes:
        console: where to write.
        n_trials: of the whole study.
        max_epochs: the most that a trial may run.
        workers: that run trials.
        statuses: returns the newest step of each running trial.
        direction: in which the value is better.
        names: of the hyperparameters, in order.
        known: trials that an earlier run has finished.
    """

    console: Console
    n_trials: int
    max_epochs: int = 0
    workers: int = 1
    statuses: Callable[[], Iterable[TrialStatus]] = lambda: ()
    direction: Direction = Direction.MINIMIZE
    names: Sequence[str] = ()
    known: int = 0

    def __post_init__(self) -> None:
        """Begin the clock."""
        self._rows: list[TrialRow] = []
        self._began = self._last_render = time.monotonic()
        self._busy = 0.0
        self._live = Live(console=self.console, get_renderable=self._render, refresh_per_second=4)

    def __enter__(self) -> Self:
        """Start the live table, on a terminal."""
        if self.console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last table standing."""
        if self.console.is_terminal:
            self._live.stop()

    def say(self, line: str) -> None:
        """Write a line, above the table where there is one."""
        print_line(self.console, line)

    def trial(self, row: TrialRow) -> None:
        """Show a finished trial."""
        self._rows.append(row)
        if not self.console.is_terminal and self._is_worth_a_line(row):
            self.say(self._line(row))

    def _is_worth_a_line(self, row: TrialRow) -> bool:
        """Return True; in CI, whose log nobody follows, for a failure, a new best and the end."""
        if not os.environ.get("CI"):
            return True
        best = best_of(self._rows, self.direction)
        return row.state == "FAIL" or row is best or len(self._rows) == self.n_trials

    def _line(self, row: TrialRow) -> str:
        value = "-" if row.value is None else f"{row.value:.4f}"
        said = row.reason if row.state == "FAIL" else f"{len(row.curve)} epochs"
        done = f"[{len(self._rows)}/{self.n_trials}]"
        tried = format_point(row.params)
        return (
            f"{done} trial {row.number} {row.state} {value} ({said}); {self._best_line()}; {tried}"
        )

    def _best_line(self) -> str:
        best = best_of(self._rows, self.direction)
        return f"best {best.value:.4f} by trial {best.number}" if best else "no trial completed yet"

    def _render(self) -> RenderableType:
        finished = {row.number for row in self._rows}
        running = [one for one in self.statuses() if one.number not in finished]
        busy = min(len(running), self.workers)
        used = self._used(busy)
        return Group(
            self._finished(),
            _running(running),
            f"{self._best_line()}; {self._saved()} epochs saved by pruning",
            f"{busy} of {self.workers} workers busy, {used:.0%} of the time; {self._left()}",
            ProgressBar(total=self.n_trials, completed=len(self._rows), width=40),
        )

    def _used(self, busy: int) -> float:
        """Return the fraction of the workers' time that trials have had since the beginning."""
        now = time.monotonic()
        self._busy += busy * (now - self._last_render)
        self._last_render = now
        return self._busy / max(self.workers * (now - self._began), 1e-9)

    def _saved(self) -> int:
        pruned = [row for row in self._rows if row.state == "PRUNED"]
        return sum(self.max_epochs - len(row.curve) for row in pruned)

    def _finished(self) -> Table:
        """Return the last trials, with as many of their hyperparameters as the terminal takes."""
        names = list(self.names)
        unbounded = self.console.options.update(max_width=_UNBOUNDED)
        while names and self.console.measure(self._table(names), options=unbounded).maximum > (
            self.console.width
        ):
            names.pop()
        return self._table(names)

    def _table(self, names: Sequence[str]) -> Table:
        table = Table("trial", "state", "value", "epochs", *names, box=None)
        for row in self._rows[-_SHOWN:]:
            table.add_row(
                str(row.number),
                f"[{_COLOURS[row.state]}]{row.state}[/]",
                "-" if row.value is None else f"{row.value:.4f}",
                str(len(row.curve)),
                *(_short(row.params.get(name, "")) for name in names),
            )
        return table

    def _left(self) -> str:
        done, now = len(self._rows), len(self._rows) - self.known
        if now <= 0:
            return f"{done} of {self.n_trials} trials, no estimate yet"
        minutes = (time.monotonic() - self._began) / 60 * (self.n_trials - done) / now
        left = f"about {minutes:.0f} minutes" if minutes >= 1 else "less than a minute"
        return f"{done} of {self.n_trials} trials, {left} left"


def _running(trials: Iterable[TrialStatus]) -> Table:
    table = Table("running", "epoch", "loss", "best", "to beat", box=None)
    for one in trials:
        to_beat = "-" if one.threshold is None else f"{one.threshold:.4f}"
        table.add_row(str(one.number), str(one.step), f"{one.loss:.4f}", f"{one.best:.4f}", to_beat)
    return table


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
