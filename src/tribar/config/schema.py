"""Every parameter that params.yaml may hold, with its type and range."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from tribar.block import MANY, Block, Choice, Fault, Name, repeated
from tribar.evaluation.config import EvaluateParams, WalkForwardParams
from tribar.market.config import PrepareParams
from tribar.model.config import BaselineParams, Hyperparameters, ModelParams, TrainingParams
from tribar.study.config import TuneParams


class BaseParams(Block):
    """What every stage shares."""

    seed: int = Field(ge=0, lt=2**32, description="root of every seed but the sampler's")


class TrackingParams(Block):
    """Where a run is logged, and what of its study."""

    experiment: Name
    trials: Literal["top", "all"] = Field("top", description="which have a run of their own")
    top: int = Field(3, ge=0, le=MANY, description="the best trials, and the one that won")


class RefitParams(Block):
    """Whether the best configuration is trained again on all decisions."""

    enabled: bool = False


class PromoteParams(Block):
    """What a model has to show before it becomes the champion; no stage reads it."""

    name: str = Field("tribar", pattern=r"^[a-zA-Z0-9]([a-zA-Z0-9_-]*[a-zA-Z0-9])?$")
    better_than: tuple[Name, ...] = ("prior",)
    not_worse_than: tuple[Name, ...] = ("baseline",)
    against_champion: Literal["not_worse", "better"] = "not_worse"

    def conflicts(self) -> Iterator[Fault]:
        """Yield a gate that asks for nothing, or twice for the same."""
        if not (self.better_than or self.not_worse_than):
            yield Fault("better_than", "the gate asks for nothing; name one, such as prior")
        for name in repeated((*self.better_than, *self.not_worse_than)):
            yield Fault("not_worse_than", f"{name} is asked for twice; better includes not worse")


class Params(Block):
    """The whole of params.yaml; `config.conflicts` checks what its blocks need of each other."""

    base: BaseParams
    tracking: TrackingParams
    prepare: PrepareParams
    baseline: BaselineParams
    model: ModelParams
    training: TrainingParams
    tune: TuneParams
    refit: RefitParams = RefitParams()
    evaluate: EvaluateParams
    walk_forward: WalkForwardParams = WalkForwardParams()
    promote: PromoteParams = PromoteParams()

    def baseline_hyper(self) -> Hyperparameters:
        """Return the baseline's whole configuration."""
        return self.training.complete(self.model, **self.baseline.model_dump())

    def fixed_values(self) -> dict[str, Choice]:
        """Return the value of each hyperparameter that the space does not search."""
        values = self.training.complete(self.model).by_name()
        return {name: value for name, value in values.items() if name not in self.tune.space}
