"""Syne Tune: ASHA on its local backend, a process a trial, both cores busy."""

import logging
import os
import sys
from pathlib import Path
from typing import Any

import torch
from syne_tune import Reporter, StoppingCriterion, Tuner
from syne_tune.backend import LocalBackend
from syne_tune.config_space import choice, finrange, loguniform, randint
from syne_tune.optimizer.baselines import ASHA

from benchmarks.peers.logbook import Logbook, arguments
from benchmarks.peers.loop import Model, stacked, validation_losses
from benchmarks.peers.space import FIRST

SPACE: dict[str, Any] = {
    "learning_rate": loguniform(1e-5, 1e-2),
    "hidden_dim": finrange(32, 128, 7, cast_int=True),
    "num_layers": randint(1, 3),
    "dropout": finrange(0.0, 0.5, 6),
    "batch_size": choice([16, 32, 64]),
}


def study(data: Path, folder: Path, trials: int, epochs: int, seed: int) -> None:
    """Run the study; each trial is this file, started with `--trial`."""
    logging.getLogger().setLevel(logging.ERROR)
    told = {"data": str(data), "folder": str(folder), "epochs": epochs, "seed": seed}
    backend = LocalBackend(entry_point=__file__)
    scheduler = ASHA(
        {**SPACE, **{f"told_{name}": value for name, value in told.items()}},
        metric="loss", time_attr="epoch", max_t=epochs, random_seed=seed,
        grace_period=min(2, epochs), points_to_evaluate=[FIRST],
    )  # fmt: skip
    Tuner(
        trial_backend=backend, scheduler=scheduler, n_workers=2, sleep_time=0.1,
        stop_criterion=StoppingCriterion(max_num_trials_started=trials - 1),
        wait_trial_completion_when_stopping=True, save_tuner=False,
        trial_backend_path=str(folder / "backend"),
    ).run()  # fmt: skip


def train(told: dict[str, str]) -> None:
    """Train one trial in a process of Syne Tune's."""
    torch.set_num_threads(1)
    torch.manual_seed(int(told["told_seed"]))
    hyper = {name: _number(told[name]) for name in SPACE}
    sample, book = stacked(Path(told["told_data"])), Logbook(Path(told["told_folder"]))
    model, report = Model(sample.n_features, hyper), Reporter()
    losses = validation_losses(model, hyper, sample, int(told["told_epochs"]))
    for epoch, loss in enumerate(losses, start=1):
        book.note(os.getpid(), loss, model, hyper)
        report(loss=loss, epoch=epoch)


def _number(text: str) -> int | float:
    return int(text) if text.isdigit() else float(text)


def main() -> None:
    """Run the study, or one trial of it."""
    asked = arguments(__doc__).parse_args()
    book = Logbook(asked.folder)
    os.environ["SYNETUNE_FOLDER"] = str(asked.folder)
    study(asked.data, asked.folder, asked.trials, asked.epochs, asked.seed)
    book.write(event="end")
    book.score_winner(asked.data)


if __name__ == "__main__":
    if any(argument.startswith("--told_") for argument in sys.argv):
        words = [argument.removeprefix("--") for argument in sys.argv[1:]]
        train(dict(zip(words[::2], words[1::2], strict=True)))
    else:
        main()
