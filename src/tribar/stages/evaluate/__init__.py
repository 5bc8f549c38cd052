"""evaluate: the two models and the references on the test split."""

from tribar.stages.evaluate.run import run

__all__ = ["run"]
