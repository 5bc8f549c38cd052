"""Who stops a trial early: Optuna's pruners by name, each with its own options.

An option has the name, type and range that Optuna's constructor has; a step is an epoch, or a
fold where the objective takes the folds in turn.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from tribar.block import Block, Fault

WrappedName = Literal[
    "none", "median", "percentile", "successive_halving", "hyperband", "threshold", "wilcoxon"
]
PrunerName = Literal[WrappedName, "patient"]

Steps = Annotated[int, Field(ge=1)]


class MedianOptions(Block):
    """Worse than the median of the completed trials at the same step (Golovin et al., 2017)."""

    n_startup_trials: int = Field(2, ge=0, description="completed trials before any is pruned")
    n_warmup_steps: int = Field(2, ge=0, description="steps that every trial may run")
    interval_steps: int = Field(1, ge=1, description="steps between two checks")
    n_min_trials: int = Field(2, ge=1, description="trials to compare with at a step")


class PercentileOptions(MedianOptions):
    """Worse than a percentile of the completed trials at the same step."""

    percentile: float = Field(25.0, ge=0, le=100, description="25 keeps the best quarter")


class SuccessiveHalvingOptions(Block):
    """Asynchronous successive halving (Li et al., 2020)."""

    min_resource: Steps | Literal["auto"] = Field(1, description="steps before the first rung")
    reduction_factor: int = Field(2, ge=2)
    min_early_stopping_rate: int = Field(0, ge=0)
    bootstrap_count: int = Field(0, ge=0)

    def conflicts(self) -> Iterator[Fault]:
        """Yield a first rung that is estimated from trials which are all to be pruned."""
        yield from _bootstrap_faults(self.bootstrap_count, "min_resource", self.min_resource)


class HyperbandOptions(Block):
    """Hyperband (Li et al., 2018): several brackets of successive halving."""

    min_resource: int = Field(1, ge=1)
    max_resource: Steps | Literal["auto"] = "auto"
    reduction_factor: int = Field(3, ge=2)
    bootstrap_count: int = Field(0, ge=0)

    def conflicts(self) -> Iterator[Fault]:
        """Yield a length below its start, or estimated from trials which are all to be pruned."""
        yield from _bootstrap_faults(self.bootstrap_count, "max_resource", self.max_resource)
        if self.max_resource != "auto" and self.max_resource < self.min_resource:
            yield Fault(
                "max_resource", f"{self.max_resource} is below min_resource {self.min_resource}"
            )


class PatientOptions(Block):
    """Asks another pruner only where a trial has not improved for `patience` steps."""

    wrapped_pruner: WrappedName = "median"
    patience: int = Field(1, ge=0)
    min_delta: float = Field(0.0, ge=0)


class ThresholdOptions(Block):
    """Outside fixed bounds; null is no bound."""

    lower: float | None = None
    upper: float | None = 1.2
    n_warmup_steps: int = Field(0, ge=0)
    interval_steps: int = Field(1, ge=1)

    def conflicts(self) -> Iterator[Fault]:
        """Yield bounds in the wrong order."""
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            yield Fault("lower", f"{self.lower:g} is above upper {self.upper:g}")


class WilcoxonOptions(Block):
    """Signed-rank test against the best trial, fold by fold (Wilcoxon, 1945)."""

    p_threshold: float = Field(0.1, ge=0, le=1)
    n_startup_steps: int = Field(2, ge=0)


class PrunerParams(Block):
    """The chosen pruner, and the options of each."""

    name: PrunerName
    median: MedianOptions = MedianOptions()
    percentile: PercentileOptions = PercentileOptions()
    successive_halving: SuccessiveHalvingOptions = SuccessiveHalvingOptions()
    hyperband: HyperbandOptions = HyperbandOptions()
    patient: PatientOptions = PatientOptions()
    threshold: ThresholdOptions = ThresholdOptions()
    wilcoxon: WilcoxonOptions = WilcoxonOptions()

    def conflicts(self) -> Iterator[Fault]:
        """Yield a chosen threshold pruner without a bound."""
        bounds = (self.threshold.lower, self.threshold.upper)
        if "threshold" in self.names() and bounds == (None, None):
            yield Fault("threshold", "it needs a lower or an upper bound; set one of them")

    def names(self) -> tuple[str, ...]:
        """Return the chosen pruner, followed by the one that it wraps."""
        if self.name == "patient":
            return ("patient", self.patient.wrapped_pruner)
        return (self.name,)

    def chosen(self) -> dict[str, dict[str, object]]:
        """Return the options in use, by pruner."""
        blocks: dict[str, Block | None] = {name: getattr(self, name, None) for name in self.names()}
        return {name: block.model_dump() if block else {} for name, block in blocks.items()}


def _bootstrap_faults(count: int, name: str, steps: int | str) -> Iterator[Fault]:
    if count > 0 and steps == "auto":
        yield Fault(name, "a bootstrap_count above 0 needs a number of steps; set it")
