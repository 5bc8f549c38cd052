from io import StringIO

import pytest
from rich.console import Console

from tribar.records.live import LiveView
from tribar.trial.running_trials import TrialStatus
from tribar.trials import TrialRow

ROWS = (
    TrialRow(0, "COMPLETE", (1.05,), {"dropout": 0.2}, (1.1, 1.05)),
    TrialRow(1, "PRUNED", (1.2,), {"dropout": 0.1}, (1.2,)),
    TrialRow(2, "FAIL", (), {"dropout": 0.3}, (), reason="DivergedError: loss is nan"),
)
RUNNING = TrialStatus(3, 0, loss=1.3, best=1.29, threshold=1.25)


def shown(terminal: bool, width: int = 100, known: int = 0) -> str:
    out = StringIO()
    console = Console(file=out, force_terminal=terminal, width=width, color_system=None)
    names = ("dropout",)
    with LiveView(console, 4, 5, 2, lambda: [RUNNING], names=names, known=known) as progress:
        for row in ROWS:
            progress.trial(row)
    return out.getvalue()


def test_without_a_terminal_each_trial_is_one_plain_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert shown(terminal=False).splitlines() == [
        "[1/4] trial 0 COMPLETE 1.0500 (2 epochs); best 1.0500 by trial 0; dropout 0.2",
        "[2/4] trial 1 PRUNED 1.2000 (1 epochs); best 1.0500 by trial 0; dropout 0.1",
        "[3/4] trial 2 FAIL - (DivergedError: loss is nan); best 1.0500 by trial 0; dropout 0.3",
    ]


def test_a_terminal_shows_a_table_the_best_the_running_trial_and_a_bar() -> None:
    last = shown(terminal=True)
    for part in ("trial", "dropout", "COMPLETE", "PRUNED", "FAIL", "best 1.0500 by trial 0"):
        assert part in last
    assert "3        0      1.3000  1.2900  1.2500" in last
    assert "━" * 30 in last
    assert "\x1b[" in last
    assert "1 of 2 workers busy, 50% of the time; 3 of 4 trials" in last
    assert "4 epochs saved by pruning" in last


def test_a_narrow_terminal_is_no_fault() -> None:
    lines = shown(terminal=True, width=40).splitlines()
    assert all(len(line) < 60 for line in lines)
    assert "0      COMPLETE  1.0500  2" in "".join(lines)


@pytest.mark.parametrize("width", [50, 60, 80, 81, 100, 140])
def test_no_width_cuts_a_cell(width: int) -> None:
    names = ("batch_size", "learning_rate", "hidden_dim", "num_layers", "dropout", "optimizer")
    values = (128, 0.00123456, 64, 2, 0.25, "adamw")
    row = TrialRow(10, "COMPLETE", (1.04567,), dict(zip(names, values, strict=True)), (1.0,) * 12)
    out = StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system=None)
    with LiveView(console, 40, 12, 2, names=names) as progress:
        progress.trial(row)
    assert "…" not in out.getvalue()
    assert "10     COMPLETE  1.0457  12" in out.getvalue()
    assert ("adamw" in out.getvalue()) == (width == 140)


def test_trials_of_an_earlier_run_are_no_estimate() -> None:
    assert "3 of 4 trials, no estimate yet" in shown(terminal=True, known=3)
    assert "3 of 4 trials, less than a minute left" in shown(terminal=True, known=2)


def test_in_ci_only_news_is_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    lines = shown(terminal=False).splitlines()
    assert [line.split()[:4] for line in lines] == [
        ["[1/4]", "trial", "0", "COMPLETE"],
        ["[3/4]", "trial", "2", "FAIL"],
    ]
