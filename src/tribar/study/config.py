"""The parameters of the study."""

from collections.abc import Iterator

from pydantic import Field

from tribar.block import Block, Choice, Fault
from tribar.search.conditions import condition_faults, point_faults
from tribar.search.config import SamplerParams
from tribar.search.dimensions import Space
from tribar.search.grid_checks import grid_faults
from tribar.search.space_checks import valid_dimensions
from tribar.trial.config import ObjectiveParams
from tribar.trial.pruning.config import PrunerParams


class BudgetParams(Block):
    """What ends a study before its last trial; null is no limit."""

    minutes: float | None = Field(None, gt=0, description="wall clock of one run")
    plateau: int | None = Field(None, ge=1, description="trials without a better one")


class RescoreParams(Block):
    """The winner's luck: the best trials are trained again before one of them wins."""

    top: int = Field(3, ge=1, description="trials")
    seeds: int = Field(3, ge=0, lt=1000, description="fresh seeds of each; 0: the study decides")


class TuneParams(Block):
    """The study."""

    n_trials: int = Field(ge=1)
    seed: int = Field(ge=0, lt=2**32)
    lag: int = Field(ge=1, description="trial n is asked after trials 0 ... n - lag have finished")
    objective: ObjectiveParams = ObjectiveParams()
    budget: BudgetParams = BudgetParams()
    replay: int | None = Field(None, ge=1, description="ends as a clock once did: after this trial")
    rescore: RescoreParams = RescoreParams()
    sampler: SamplerParams
    pruner: PrunerParams
    enqueue: tuple[dict[str, Choice], ...] = Field((), description="tried after the baseline")
    space: Space

    def conflicts(self) -> Iterator[Fault]:
        """Yield a pruner or a sampler that the objective has no use for, and points of no space."""
        yield from self._method_faults()
        yield from grid_faults(self.sampler, valid_dimensions(self.space))
        yield from condition_faults(self.space)
        for number, point in enumerate(self.enqueue):
            yield from point_faults(self.space, point, f"enqueue.{number}")

    def _method_faults(self) -> Iterator[Fault]:
        several = len(set(self.objective.metrics)) > 1
        sequential = self.objective.over == "folds_in_turn"
        if several and self.pruner.name != "none":
            text = "several objective.metrics cannot be pruned; set it to none"
            yield Fault("pruner.name", text)
        if several and self.sampler.name == "cmaes":
            text = "cmaes takes one metric; choose another, or one of objective.metrics"
            yield Fault("sampler.name", text)
        if "wilcoxon" in self.pruner.names() and not sequential:
            text = "wilcoxon compares folds; set objective.over to folds_in_turn"
            yield Fault("pruner.name", text)
        if sequential and self.pruner.name not in ("none", "wilcoxon"):
            text = "folds_in_turn is pruned by wilcoxon or none; set it, or over to folds"
            yield Fault("pruner.name", text)
