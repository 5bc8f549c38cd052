from io import StringIO

from rich.console import Console

from tribar.tuning.progress import Progress
from tribar.tuning.trial import TrialRow

ROWS = (
    TrialRow(0, "COMPLETE", 1.05, {"dropout": 0.2}, (1.1, 1.05)),
    TrialRow(1, "PRUNED", 1.2, {"dropout": 0.1}, (1.2,)),
    TrialRow(2, "FAIL", None, {"dropout": 0.3}, (), reason="DivergedError: loss is nan"),
)


def shown(terminal: bool) -> str:
    out = StringIO()
    console = Console(file=out, force_terminal=terminal, width=100, color_system=None)
    with Progress(console, n_trials=4) as progress:
        for row in ROWS:
            progress.trial(row)
        progress.epoch(trial=3, epoch=0, loss=1.3)
    return out.getvalue()


def test_without_a_terminal_each_trial_is_one_plain_line() -> None:
    assert shown(terminal=False).splitlines() == [
        "[1/4] trial 0 COMPLETE 1.0500 (2 epochs); best 1.0500 by trial 0",
        "[2/4] trial 1 PRUNED 1.2000 (1 epochs); best 1.0500 by trial 0",
        "[3/4] trial 2 FAIL - (DivergedError: loss is nan); best 1.0500 by trial 0",
    ]


def test_a_terminal_shows_a_table_the_best_the_running_trial_and_a_bar() -> None:
    last = shown(terminal=True)
    for part in ("trial", "dropout", "COMPLETE", "PRUNED", "FAIL", "best 1.0500 by trial 0"):
        assert part in last
    assert "trial 3 runs: epoch 0, validation loss 1.3000" in last
    assert "━" * 30 in last
    assert "\x1b[" in last
