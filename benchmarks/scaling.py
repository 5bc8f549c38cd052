"""How our study grows with its workers, with the rows that they share, and with its trials."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.panel import Size, make_panel
from benchmarks.records import Record, alone, beside, write
from benchmarks.running import OURS, run
from benchmarks.sample import prepare_sample
from tribar.dataset.prepared import write_split

FEATURES, BARS = 17, 1_000
MANY, FEW = (Size(symbols, BARS, FEATURES) for symbols in (1_000, 10))
SMALL = (
    "tune.space={hidden_dim: {type: int, low: 8, high: 16, step: 8}, "
    "batch_size: {type: categorical, choices: [256]}}",
    "baseline.hidden_dim=8",
    "baseline.num_layers=1",
    "baseline.batch_size=256",
)
"""Networks that cost little beside their data."""
TRIALS, MOST = (10, 100), 1_000


def measure() -> list[Record]:
    """Return times and peak memory by workers and rows, and times by trials."""
    found: list[Record] = []
    for size in (FEW, MANY):
        with tempfile.TemporaryDirectory() as name:
            _write_panel(size, Path(name))
            found += _by_workers(size, Path(name))
    with tempfile.TemporaryDirectory() as name:
        prepare_sample(Path(name))
        return [*found, *_by_trials(Path(name))]


def _write_panel(size: Size, folder: Path) -> None:
    (folder / "test").mkdir()
    write_split(make_panel(FEW), folder / "test")
    write_split(make_panel(size), folder)


def _by_workers(size: Size, data: Path) -> Iterator[Record]:
    """Yield what one and two workers take for four trials."""
    options = _options(4, epochs=1)
    one, two = (run(OURS, data, *options, TRIBAR_WORKERS=workers) for workers in ("1", "2"))
    work = f"four trials of {size.symbols * size.bars:,} rows on two workers"
    yield beside(f"{work}: time", two.story.seconds, one.story.seconds, "one worker", "s")
    yield beside(f"{work}: peak memory of all processes", two.peak, one.peak, "one worker", "MB")


def _by_trials(data: Path) -> Iterator[Record]:
    """Yield the time of studies of the sample; that of a thousand trials is extrapolated."""
    seconds = {
        trials: run(OURS, data, *_options(trials, epochs=3), TRIBAR_WORKERS="2").story.seconds
        for trials in TRIALS
    }
    for trials, taken in seconds.items():
        yield alone(f"{trials:,} small trials of the sample, two workers: whole study", taken, "s")
    few, many = TRIALS
    each = (seconds[many] - seconds[few]) / (many - few)
    work = f"{MOST:,} small trials of the sample, two workers, extrapolated: whole study"
    yield alone(work, seconds[many] + (MOST - many) * each, "s")


def _options(trials: int, epochs: int) -> tuple[str, ...]:
    changes = (word for change in SMALL for word in ("--set", change))
    return ("--trials", str(trials), "--epochs", str(epochs), *changes)


if __name__ == "__main__":
    write("scaling", measure())
