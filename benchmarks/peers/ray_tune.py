"""Ray Tune: ASHA over Optuna's sampler, one core a trial, both cores busy."""

import logging
import os
from pathlib import Path
from typing import Any

import optuna
import ray
import torch
from ray import tune
from ray.tune.schedulers import ASHAScheduler
from ray.tune.search.optuna import OptunaSearch

from benchmarks.peers.logbook import Logbook, arguments
from benchmarks.peers.loop import Model, Sample, stacked, validation_losses
from benchmarks.peers.space import FIRST, make_sampler, suggest


def train(config: dict[str, Any], sample: Sample, folder: Path, epochs: int, seed: int) -> None:
    """Train one trial in a process of Ray's."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    book, trial = Logbook(folder), tune.get_context().get_trial_id()
    model = Model(sample.n_features, config)
    for loss in validation_losses(model, config, sample, epochs):
        book.note(trial, loss, model, config)
        tune.report({"loss": loss})


def space(trial: optuna.Trial) -> None:
    """Define the space as the sampler walks it."""
    suggest(trial)


def main() -> None:
    """Run the study."""
    asked = arguments(__doc__).parse_args()
    sample, book = stacked(asked.data), Logbook(asked.folder)
    ray.init(
        num_cpus=2, include_dashboard=False, logging_level=logging.ERROR, log_to_driver=False,
        _node_ip_address="127.0.0.1",
    )  # fmt: skip
    told = {"folder": asked.folder, "epochs": asked.epochs, "seed": asked.seed}
    tuner = tune.Tuner(
        tune.with_resources(tune.with_parameters(train, sample=sample, **told), {"cpu": 1}),
        tune_config=tune.TuneConfig(
            num_samples=asked.trials,
            search_alg=OptunaSearch(
                space, metric="loss", mode="min",
                points_to_evaluate=[FIRST],
                sampler=make_sampler(asked.seed),
            ),
            scheduler=ASHAScheduler(
                metric="loss", mode="min", max_t=asked.epochs, grace_period=min(2, asked.epochs)
            ),
        ),
        run_config=tune.RunConfig(storage_path=str(asked.folder / "ray"), verbose=0),
    )  # fmt: skip
    tuner.fit()
    ray.shutdown()
    book.write(event="end")
    book.score_winner(asked.data)


if __name__ == "__main__":
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    main()
