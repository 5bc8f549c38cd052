"""Dense against sliding supervision: the same network, the same decisions, the same seeds."""

import statistics
import time
from dataclasses import dataclass

from benchmarks.panel import Size, make_panel
from benchmarks.records import Record, beside, write
from benchmarks.sample import fold_of, read, sample_fold
from tribar.model.folds import Fold
from tribar.model.training.epoch import score_windows, validation_loss
from tribar.model.training.trainer import Trainer
from tribar.runtime import open_device

SEEDS = 3
NETWORK = ("model.hidden_dim=32", "model.num_layers=1", "training.patience=100")
EPOCHS = {"dense": 12, "sliding": 4}
"""Dense epochs are cheaper by more than the ratio of these."""


@dataclass(frozen=True)
class Run:
    """One training: validation loss after each epoch, and the seconds until then."""

    curve: tuple[float, ...]
    seconds: tuple[float, ...]

    def until(self, loss: float) -> float:
        """Return the seconds until a loss was reached; those of the whole run if it never was."""
        reached = (s for x, s in zip(self.curve, self.seconds, strict=True) if x <= loss)
        return next(reached, self.seconds[-1])


def train(fold: Fold, supervision: str, seed: int) -> Run:
    """Return one training under a supervision."""
    epochs = EPOCHS[supervision]
    params = read(*NETWORK, f"training.supervision={supervision}", f"training.max_epochs={epochs}")
    hyper = params.training.complete(params.model)
    trainer = Trainer(fold, hyper, params.training, seed)
    begin, seconds = time.perf_counter(), []
    for _ in range(epochs):
        trainer.run_epoch()
        seconds.append(time.perf_counter() - begin)
    return Run(tuple(trainer.curve), tuple(seconds))


def compare(name: str, fold: Fold) -> list[Record]:
    """Return best losses, and the time of each until sliding's best."""
    pairs = [(train(fold, "dense", n), train(fold, "sliding", n)) for n in range(SEEDS)]
    best = [statistics.mean(min(run.curve) for run in each) for each in zip(*pairs, strict=True)]
    goals = [min(sliding.curve) for _, sliding in pairs]
    times = [
        statistics.median(run.until(goal) for run, goal in zip(each, goals, strict=True))
        for each in zip(*pairs, strict=True)
    ]
    an_epoch = [
        statistics.mean(run.seconds[-1] / len(run.curve) for run in each)
        for each in zip(*pairs, strict=True)
    ]
    few = f"mean of {SEEDS} seeds"
    return [
        beside(
            f"{name}: best validation loss, {EPOCHS['dense']} dense epochs, {few}", best[0],
            best[1], f"sliding, {EPOCHS['sliding']} epochs", "nats",
        ),
        beside(
            f"{name}: time to sliding's best validation loss, or its end, of {SEEDS} seeds",
            times[0], times[1], "sliding", "s",
        ),
        beside(
            f"{name}: an epoch, its validation included", an_epoch[0], an_epoch[1], "sliding",
            "s",
        ),
    ]  # fmt: skip


def validation_share(fold: Fold) -> Record:
    """Return what validation takes of an epoch of the baseline."""
    params = read("training.max_epochs=9")
    trainer = Trainer(fold, params.baseline_hyper(), params.training, 0)
    whole, checks = [], []
    for _ in range(5):
        begin = time.perf_counter()
        trainer.run_epoch()
        whole.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        validation_loss(score_windows(trainer.network, fold.validation), fold.validation)
        checks.append(time.perf_counter() - begin)
    share = min(checks) / min(whole)
    work = "the sample: validation in a dense epoch of the baseline"
    return Record(work, share, None, None, "of the time", None, 0.5, share < 0.5)


def measure() -> list[Record]:
    """Return the comparison on the sample and on a panel of a known signal."""
    open_device("cpu")
    sample = sample_fold()
    return [
        *compare("the sample", sample),
        *compare("a panel of ten symbols with a known signal", fold_of(make_panel(Size()))),
        validation_share(sample),
    ]


if __name__ == "__main__":
    write("supervision", measure())
