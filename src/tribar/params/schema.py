"""Every parameter that params.yaml may hold, with its type and range."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from tribar.params.block import Block
from tribar.params.tune import TuneParams

Cell = Literal["lstm", "gru"]
Share = Annotated[float, Field(gt=0, lt=1)]
Name = Annotated[str, Field(min_length=1)]


class BaseParams(Block):
    """What every stage shares."""

    seed: int = Field(ge=0, lt=2**32, description="root of every seed but the sampler's")


class TrackingParams(Block):
    """Where a run is logged."""

    experiment: Name


class LabelParams(Block):
    """The triple barrier (Lopez de Prado, 2018, chapter 3)."""

    horizon: int = Field(ge=1, description="bars to the vertical barrier")
    barriers: Literal["volatility", "fixed"]
    upper: float = Field(gt=0, description="multiple of volatility x sqrt(horizon), or a return")
    lower: float = Field(gt=0, description="as upper, below the price")
    volatility_span: int = Field(ge=2, description="bars of the EWM volatility's span")
    touch: Literal["close", "high_low"]


class SplitParams(Block):
    """Shares of the decisions in order of time; the rest is the test split."""

    train: Share
    validation: Share
    embargo: int = Field(ge=0, description="bars left out around an evaluated fold")
    folds: int = Field(ge=2, description="folds of the purged K-fold over development")

    @model_validator(mode="after")
    def leave_a_test_split(self) -> Self:
        """Refuse shares that leave nothing to test on."""
        if self.train + self.validation >= 1:
            raise ValueError(
                f"train + validation is {self.train + self.validation:g}: keep it below 1, "
                "the rest is the test split"
            )
        return self


class PrepareParams(Block):
    """From a source of bars (or of labels) to windows and splits."""

    source: Name
    kind: Literal["bars", "labelled"]
    window: int = Field(ge=2, description="bars that one decision sees")
    max_gap_days: float = Field(gt=0, description="longest hole between two bars of a symbol")
    features: tuple[Name, ...] = Field(min_length=1)
    labels: LabelParams
    splits: SplitParams


class ModelParams(Block):
    """The network: the value of each of these that tune.space does not search."""

    cell: Cell
    hidden_dim: int = Field(ge=1, le=4096)
    num_layers: int = Field(ge=1, le=16)
    dropout: float = Field(ge=0, lt=1)


class BaselineParams(ModelParams):
    """The configuration to beat, also trial 0 of the study."""

    learning_rate: float = Field(gt=0, le=1)
    batch_size: int = Field(ge=1)


class Hyperparameters(BaselineParams):
    """All that tells one trained configuration from another: the names tune.space may search."""

    optimizer: Literal["adam", "adamw"]
    weight_decay: float = Field(ge=0)
    clip_norm: float = Field(gt=0)
    class_weights: Literal["none", "balanced"]


class TrainingParams(Block):
    """The training loop; the first six are the values of what tune.space does not search."""

    learning_rate: float = Field(gt=0, le=1)
    batch_size: int = Field(ge=1)
    optimizer: Literal["adam", "adamw"]
    weight_decay: float = Field(ge=0)
    clip_norm: float = Field(gt=0, description="largest norm of the gradient")
    class_weights: Literal["none", "balanced"]
    max_epochs: int = Field(ge=1)
    patience: int = Field(ge=1, description="epochs without a better validation loss")
    seeds: int = Field(ge=1, description="networks averaged in one model")
    supervision: Literal["sliding"]
    device: Literal["auto", "cpu", "cuda"]

    def complete(self, network: ModelParams, **chosen: object) -> Hyperparameters:
        """Return the hyperparameters: `chosen`, else the network's and this block's values."""
        mine = self.model_dump(include=set(Hyperparameters.model_fields))
        return Hyperparameters.model_validate({**mine, **network.model_dump(), **chosen})


class EvaluateParams(Block):
    """How the test split judges."""

    bootstrap_samples: int = Field(ge=100)
    block: int = Field(ge=1, description="decision times in one block of the bootstrap")
    confidence: Share
    calibration_bins: int = Field(ge=2)
    permutation_repeats: int = Field(ge=1)


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
