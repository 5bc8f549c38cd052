"""Every parameter that params.yaml may hold, with its type and range."""

from collections.abc import Iterator
from functools import partial
from typing import Self

from pydantic import Field, model_validator

from tribar.block import Block, Choice, ConflictError, Fault, Name
from tribar.evaluation.config import EvaluateParams
from tribar.market.config import PrepareParams
from tribar.model.config import BaselineParams, Hyperparameters, ModelParams, TrainingParams
from tribar.search.dimensions import Searchable
from tribar.search.inactive import idle_faults
from tribar.search.sampled_points import ends
from tribar.search.space_checks import block_of, sound, space_faults
from tribar.study.config import TuneParams


class BaseParams(Block):
    """What every stage shares."""

    seed: int = Field(ge=0, lt=2**32, description="root of every seed but the sampler's")


class TrackingParams(Block):
    """Where a run is logged."""

    experiment: Name


class Params(Block):
    """The whole of params.yaml, a block a stage."""

    base: BaseParams
    tracking: TrackingParams
    prepare: PrepareParams
    baseline: BaselineParams
    model: ModelParams
    training: TrainingParams
    tune: TuneParams
    evaluate: EvaluateParams

    @model_validator(mode="after")
    def fit_together(self) -> Self:
        """Refuse parameters that do not fit together, in a block or between blocks."""
        if faults := list(self.all_conflicts()):
            raise ConflictError(faults)
        return self

    def conflicts(self) -> Iterator[Fault]:
        """Yield what of the blocks does not fit another block."""
        baseline = list(self._baseline_faults())
        yield from baseline
        told = {fault.key for fault in baseline}
        complete = partial(self.training.complete, self.model)
        space = space_faults(self.tune.space, complete)
        yield from (fault for fault in space if fault.key not in told)
        yield from idle_faults(sound(self.tune.space), complete)
        yield from self._group_faults()
        yield from self._row_faults()

    def baseline_hyper(self) -> Hyperparameters:
        """Return the baseline's whole configuration."""
        return self.training.complete(self.model, **self.baseline.model_dump())

    def _baseline_faults(self) -> Iterator[Fault]:
        try:
            self.baseline_hyper()
        except ConflictError as error:
            for fault in error.faults:
                mine = fault.key in BaselineParams.model_fields
                yield fault.within("baseline" if mine else block_of(fault.key))

    def _group_faults(self) -> Iterator[Fault]:
        groups = self.prepare.feature_groups
        for where, wanted in self._wanted("features", self.model.features):
            names = wanted.split("+") if isinstance(wanted, str) and wanted != "all" else []
            for name in names:
                if name not in groups:
                    known = f"all, or joined by +: {', '.join(groups)}"
                    yield Fault(
                        f"{where}",
                        f"{name!r} is no group of prepare.feature_groups; known: {known}",
                    )

    def _row_faults(self) -> Iterator[Fault]:
        for where, rows in self._wanted("skip_rows", self.model.skip_rows):
            if isinstance(rows, int) and rows > self.prepare.window:
                yield Fault(
                    f"{where}", f"{rows} rows of a window of {self.prepare.window}; keep it within"
                )

    def _wanted(self, name: Searchable, plain: Choice) -> Iterator[tuple[str, Choice]]:
        """Yield the values that a hyperparameter may take at most, and where that is said."""
        yield f"model.{name}", plain
        if name in self.tune.space:
            yield from ((f"tune.space.{name}", one) for one in ends(self.tune.space[name]))
