"""Optuna's TPE sampler, keeping from one trial to the next which dimensions all trials share."""

from typing import Any

from optuna import Study
from optuna.distributions import BaseDistribution
from optuna.samplers import TPESampler
from optuna.search_space import IntersectionSearchSpace
from optuna.trial import FrozenTrial


class SharedSpaceTPESampler(TPESampler):
    """Suggests exactly what `TPESampler` does, and does not go through all trials anew.

    Args:
        shared: the search space that a study's samplers infer together, trial after trial.
        options: of `TPESampler`.
    """

    def __init__(self, shared: IntersectionSearchSpace, **options: Any) -> None:
        super().__init__(**options)
        self._shared = shared
        self._is_joint = bool(options["multivariate"]) and not options["group"]

    def infer_relative_search_space(
        self, study: Study, trial: FrozenTrial
    ) -> dict[str, BaseDistribution]:
        """Return the dimensions that all trials have and that have more than one value."""
        if not self._is_joint:
            return super().infer_relative_search_space(study, trial)
        found = self._shared.calculate(study)
        return {name: one for name, one in found.items() if not one.single()}
