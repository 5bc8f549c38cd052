"""The search space that all share: five dimensions of a plain LSTM."""

from typing import Any

import optuna

SPACE = (
    "tune.space={learning_rate: {type: float, low: 1.0e-5, high: 1.0e-2, log: true}, "
    "hidden_dim: {type: int, low: 32, high: 128, step: 16}, "
    "num_layers: {type: int, low: 1, high: 3}, "
    "dropout: {type: float, low: 0.0, high: 0.5, step: 0.1}, "
    "batch_size: {type: categorical, choices: [16, 32, 64]}}"
)
FIRST = {
    "learning_rate": 0.001,
    "hidden_dim": 64,
    "num_layers": 2,
    "dropout": 0.2,
    "batch_size": 32,
}
"""The baseline of params.yaml, from which every study sets out."""
STARTUP = 5
"""Trials before a sampler learns, as in params.yaml."""


def make_study(seed: int, blind: bool = False) -> optuna.Study:
    """Return the Optuna study of a script: TPE and a median pruner, from the first point or not."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=make_sampler(seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=2, n_warmup_steps=2),
    )
    if not blind:
        study.enqueue_trial(FIRST)
    return study


def make_sampler(seed: int) -> optuna.samplers.BaseSampler:
    """Return Optuna's own choice of a sampler, which learns as early as ours."""
    return optuna.samplers.TPESampler(n_startup_trials=STARTUP, seed=seed)


def suggest(trial: optuna.Trial) -> dict[str, Any]:
    """Return a point of the same space, as an Optuna script writes it."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", 1e-5, 1e-2, log=True),
        "hidden_dim": trial.suggest_int("hidden_dim", 32, 128, step=16),
        "num_layers": trial.suggest_int("num_layers", 1, 3),
        "dropout": trial.suggest_float("dropout", 0.0, 0.5, step=0.1),
        "batch_size": trial.suggest_categorical("batch_size", [16, 32, 64]),
    }
