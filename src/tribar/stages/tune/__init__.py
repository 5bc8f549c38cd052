"""tune: the Optuna study, its best parameters and its history."""

from tribar.stages.tune.run import run

__all__ = ["run"]
