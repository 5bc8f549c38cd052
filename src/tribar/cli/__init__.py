"""The `tribar` command. It loads torch, Optuna and MLflow only to run what needs them."""

from tribar.cli.entry import app, main

__all__ = ["app", "main"]
