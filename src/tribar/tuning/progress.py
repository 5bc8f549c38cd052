"""What a person sees of a running study: a live table on a terminal, plain lines elsewhere."""

from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from tribar.tuning.trial import TrialRow, best_of

_SHOWN = 12
_COLOURS = {"COMPLETE": "green", "PRUNED": "yellow", "FAIL": "red"}


class Progress:
    """Shows finished trials, the running one, the best and how far the study is.

    Args:
        console: where to write.
        n_trials: of the whole study.
    """

    def __init__(self, console: Console, n_trials: int) -> None:
        self._console = console
        self._n_trials = n_trials
        self._rows: list[TrialRow] = []
        self._running = ""
        self._live = Live(console=console, get_renderable=self._render, refresh_per_second=4)

    def __enter__(self) -> Self:
        """Start the live table, on a terminal."""
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the last table standing."""
        if self._console.is_terminal:
            self._live.stop()

    def epoch(self, trial: int, epoch: int, loss: float) -> None:
        """Show the running trial's newest loss."""
        self._running = f"trial {trial} runs: epoch {epoch}, validation loss {loss:.4f}"

    def trial(self, row: TrialRow) -> None:
        """Show a finished trial."""
        self._rows.append(row)
        self._running = ""
        if not self._console.is_terminal:
            self._console.print(self._line(row), highlight=False, soft_wrap=True)

    def _line(self, row: TrialRow) -> str:
        value = "-" if row.value is None else f"{row.value:.4f}"
        said = row.reason if row.state == "FAIL" else f"{len(row.curve)} epochs"
        done = f"[{len(self._rows)}/{self._n_trials}]"
        return f"{done} trial {row.number} {row.state} {value} ({said}); {self._best_line()}"

    def _best_line(self) -> str:
        best = best_of(self._rows)
        return f"best {best.value:.4f} by trial {best.number}" if best else "no trial completed yet"

    def _render(self) -> RenderableType:
        return Group(
            self._table(),
            self._best_line(),
            self._running,
            ProgressBar(total=self._n_trials, completed=len(self._rows), width=40),
        )

    def _table(self) -> Table:
        names = list(self._rows[0].params) if self._rows else []
        table = Table("trial", "state", "value", "epochs", *names, box=None)
        for row in self._rows[-_SHOWN:]:
            table.add_row(
                str(row.number),
                f"[{_COLOURS[row.state]}]{row.state}[/]",
                "-" if row.value is None else f"{row.value:.4f}",
                str(len(row.curve)),
                *(_short(row.params[name]) for name in names),
            )
        return table


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
