"""Samplers of a fixed set of dimensions, kept to those that every trial has."""

from collections.abc import Sequence
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, CmaEsSampler, QMCSampler
from optuna.trial import FrozenTrial


class _Steady(BaseSampler):
    """Hides the dimensions that have a condition; they are drawn independently.

    Args:
        steady: names of the dimensions without a condition.
        options: of the sampler.
    """

    def __init__(self, steady: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self._steady = frozenset(steady)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the shared dimensions without a condition."""
        found = super().infer_relative_search_space(study, trial)  # type: ignore[safe-super]
        return {name: law for name, law in found.items() if name in self._steady}


class SteadyQMCSampler(_Steady, QMCSampler):
    """QMC over the dimensions without a condition."""


class SteadyCmaEsSampler(_Steady, CmaEsSampler):
    """CMA-ES over the dimensions without a condition; with others it would give up in silence."""
