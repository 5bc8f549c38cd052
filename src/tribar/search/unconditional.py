"""Samplers of a fixed set of dimensions, kept to those that every trial has."""

from collections.abc import Sequence
from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import BaseSampler, CmaEsSampler, QMCSampler
from optuna.trial import FrozenTrial


class _Unconditional(BaseSampler):
    """Hides the dimensions that have a condition; they are drawn independently.

    Args:
        unconditional: names of the dimensions without a condition.
        options: of the sampler.
    """

    def __init__(self, unconditional: Sequence[str], **options: Any) -> None:
        super().__init__(**options)
        self._unconditional = frozenset(unconditional)

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the shared dimensions without a condition."""
        found = super().infer_relative_search_space(study, trial)  # type: ignore[safe-super]
        return {name: one for name, one in found.items() if name in self._unconditional}


class UnconditionalQMCSampler(_Unconditional, QMCSampler):
    """QMC over the dimensions without a condition."""

    def __init__(self, unconditional: Sequence[str], **options: Any) -> None:
        # Optuna cannot know that every trial's sampler has the same seed.
        super().__init__(unconditional, warn_asynchronous_seeding=False, **options)


class UnconditionalCmaEsSampler(_Unconditional, CmaEsSampler):
    """CMA-ES over the dimensions without a condition; with others it would give up in silence."""
