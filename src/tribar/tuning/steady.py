"""Samplers of a fixed set of dimensions, kept to those that every trial has."""

from collections.abc import Sequence
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import CmaEsSampler, QMCSampler
from optuna.trial import FrozenTrial


class SteadyQMCSampler(QMCSampler):
    """QMC over the dimensions without a condition; the others are drawn independently.

    Args:
        steady: names of the dimensions without a condition.
        options: of `QMCSampler`.
    """

    def __init__(self, steady: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self._steady = frozenset(steady)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the shared dimensions without a condition."""
        found = super().infer_relative_search_space(study, trial)
        return {name: law for name, law in found.items() if name in self._steady}


class SteadyCmaEsSampler(CmaEsSampler):
    """CMA-ES over the dimensions without a condition; of others it would give up in silence.

    Args:
        steady: names of the dimensions without a condition.
        options: of `CmaEsSampler`.
    """

    def __init__(self, steady: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self._steady = frozenset(steady)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the shared dimensions without a condition."""
        found = super().infer_relative_search_space(study, trial)
        return {name: law for name, law in found.items() if name in self._steady}
