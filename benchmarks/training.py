"""Our study beside its peers': the same sample, space and cores, study seed by study seed."""

import argparse
import math
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

from benchmarks import curves
from benchmarks.records import Record, alone, beside, write
from benchmarks.running import OURS, Finished, run
from benchmarks.sample import prepare_sample

SAME_TRIALS, SLIDING = "ours, six trials", "ours, six trials, sliding"
USUAL = "the usual script"
SETTINGS: dict[str, tuple[str, ...]] = {
    OURS: ("ours", "--trials", "32"),
    SAME_TRIALS: ("ours",),
    SLIDING: ("ours", "--set", "training.supervision=sliding"),
    USUAL: ("usual", "--blind"),
    f"{USUAL}, one thread": ("usual", "--blind", "--threads", "1"),
    f"{USUAL}, n_jobs=2": ("usual", "--blind", "--threads", "1", "--jobs", "2"),
    f"{USUAL}, our first trial": ("usual",),
    f"{USUAL}, our first trial, n_jobs=2": ("usual", "--threads", "1", "--jobs", "2"),
    "Ray Tune, ASHA": ("ray_tune",),
    "Syne Tune, ASHA": ("syne",),
    "Lightning and Optuna": ("lightning_loop",),
}
"""Module and options of each: six trials of six epochs, of which the first is our baseline.

The usual script begins at random, as its users write it, unless it says otherwise.
"""
DEFAULT_TARGET, BEST_TARGET, SLIDING_TARGET = 1 / 10, 1 / 7, 1 / 2

NEEDED = ("lightning", "optuna_integration", "ray", "syne_tune")
Stories = dict[str, list[Finished]]


def measure(seeds: int = 5) -> list[Record]:
    """Return the medians over study seeds; the curves go to a table beside the records."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise SystemExit(f"{', '.join(missing)}: not installed; `make bench` installs them")
    stories: Stories = {setting: [] for setting in SETTINGS}
    with tempfile.TemporaryDirectory() as name:
        prepare_sample(Path(name))
        for seed in range(seeds):
            for setting, done in stories.items():
                module, *options = SETTINGS[setting]
                done.append(run(module, Path(name), "--seed", str(seed), *options))
                last = done[-1]
                print(
                    f"seed {seed}, {setting}: {last.story.seconds:.1f} s, "
                    f"best {last.story.best:.4f}",
                    flush=True,
                )
            curves.save({who: [one.story for one in done] for who, done in stories.items()})
            write("training", records(stories))
    return records(stories)


def records(stories: Stories) -> list[Record]:
    """Return what each study cost and found, and how soon ours were where the script ended."""
    many = len(stories[OURS])
    over = f"median of {many} study seed{'s' * (many > 1)}"
    return [
        *_speeds(stories, over),
        *(one for who, done in stories.items() for one in _described(who, done, over)),
    ]


def _speeds(stories: Stories, over: str) -> Iterator[Record]:
    usual = [who for who in SETTINGS if who.startswith(USUAL)]
    targets = dict.fromkeys(usual, BEST_TARGET) | {USUAL: DEFAULT_TARGET}
    for peer in usual:
        yield from _speed(OURS, peer, stories, over, targets[peer])
        yield from _speed(SAME_TRIALS, peer, stories, over, targets[peer])
    yield from _speed(SLIDING, USUAL, stories, over, SLIDING_TARGET)


def _speed(
    who: str, peer: str, stories: Stories, over: str, target: float | None
) -> Iterator[Record]:
    """Yield the time until the peer's best loss, beside the peer's own and its whole study."""
    pairs = [(a.story, b.story) for a, b in zip(stories[who], stories[peer], strict=True)]
    mine = [ours.until(theirs.best) for ours, theirs in pairs]
    reached = sum(map(math.isfinite, mine))
    work = f"{who}: time to the best validation loss of {peer}, {over} ({reached} reached it)"
    scripts = {
        f"{peer}, until then": [theirs.until(theirs.best) for _, theirs in pairs],
        f"{peer}, whole study": [theirs.seconds for _, theirs in pairs],
    }
    for name, seconds in scripts.items():
        script = statistics.median(seconds)
        if 2 * reached > len(mine):
            yield beside(work, statistics.median(mine), script, name, "s", target)
        else:
            whole = statistics.median(ours.seconds for ours, _ in pairs)
            met = None if target is None else False
            yield Record(work, whole, script, name, "s, not reached", None, target, met)


def _described(who: str, done: Sequence[Finished], over: str) -> list[Record]:
    figures: dict[str, tuple[str, Sequence[float]]] = {
        "whole study": ("s", [one.story.seconds for one in done]),
        "epochs": ("epochs", [one.story.epochs for one in done]),
        "best validation loss": ("nats", [one.story.best for one in done]),
        "test loss of the winner": ("nats", [one.story.test for one in done]),
        "peak memory of all processes": ("MB", [one.peak for one in done]),
    }
    return [
        alone(f"{who}: {what}, {over}", statistics.median(values), unit)
        for what, (unit, values) in figures.items()
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5, choices=range(1, 100), metavar="N")
    measure(parser.parse_args().seeds)
    curves.draw()
