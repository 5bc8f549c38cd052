"""The parameters of the network and of its training, and the whole configuration of one model."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from tribar.block import MANY, Block, Choice, ConflictError, Fault

Cell = Literal["lstm", "gru"]
PoolingName = Literal["last", "mean", "attention", "multi_head"]
MOST_LAYERS = 16
LAYERS = ("dropout_1", "dropout_2", "dropout_3", "dropout_4")
"""The dropout of one layer, counted from the input; `dropout` is that of the others."""
DropoutRate = Annotated[float, Field(ge=0, lt=1)]


class ModelParams(Block):
    """The network: the value of each of these that tune.space does not search."""

    cell: Cell
    hidden_dim: int = Field(ge=1, le=4096)
    num_layers: int = Field(ge=1, le=MOST_LAYERS)
    bidirectional: bool
    dropout: DropoutRate | tuple[DropoutRate, ...] = Field(
        description="of each layer's output; or one a layer"
    )
    dropout_kind: Literal["standard", "locked"] = Field(description="locked: one mask for all bars")
    input_dropout: DropoutRate
    layer_norm: bool
    residual: bool
    pooling: PoolingName
    heads: int = Field(ge=1, le=MANY, description="of multi_head")
    skip_rows: int = Field(ge=0, le=MANY, description="newest bars with a linear way to the logits")
    skip_start: Literal["logistic", "random"] = Field(description="weights of that way at first")
    features: str = Field(min_length=1, description="all, or groups: returns+volume")

    @property
    def width(self) -> int:
        """Return the number of states of a layer at a bar."""
        return self.hidden_dim * (2 if self.bidirectional else 1)

    @property
    def dropouts(self) -> tuple[float, ...]:
        """Return the dropout of each layer."""
        if isinstance(self.dropout, tuple):
            return self.dropout
        return (self.dropout,) * self.num_layers

    def network_conflicts(self) -> Iterator[Fault]:
        """Yield what makes this a network that cannot be built."""
        if self.pooling == "multi_head" and self.width % self.heads:
            allowed = [str(n) for n in range(1, self.width + 1) if self.width % n == 0]
            wrong = f"{self.heads} does not divide the width of {self.width}"
            yield Fault("heads", f"{wrong}; those that do: {', '.join(allowed)}")
        if len(self.dropouts) != self.num_layers:
            wrong = f"{len(self.dropouts)} values for {self.num_layers} layers"
            yield Fault("dropout", f"{wrong}; give one for each, or a single one")


class BaselineParams(Block):
    """The configuration to beat, also trial 0 of the study; all else as in model and training."""

    cell: Cell
    hidden_dim: int = Field(ge=1, le=4096)
    num_layers: int = Field(ge=1, le=MOST_LAYERS)
    dropout: DropoutRate | tuple[DropoutRate, ...]
    learning_rate: float = Field(gt=0, le=1)
    batch_size: int = Field(ge=1, le=MANY)


class LearningParams(Block):
    """How a network is trained, as far as a study may search it."""

    learning_rate: float = Field(gt=0, le=1, description="the largest of its schedule")
    batch_size: int = Field(ge=1, le=MANY, description="samples a step")
    optimizer: Literal["adam", "adamw", "radam", "sgd"]
    momentum: float = Field(ge=0, lt=1, description="of sgd")
    weight_decay: float = Field(ge=0)
    clip_norm: float = Field(gt=0, description="largest norm of the gradient")
    schedule: Literal["constant", "warmup", "cosine", "warmup_cosine", "one_cycle", "plateau"]
    warmup_epochs: float = Field(ge=0, description="of the schedules that warm up")
    loss: Literal["cross_entropy", "focal"]
    focal_gamma: float = Field(ge=0)
    label_smoothing: float = Field(ge=0, lt=1)
    class_weights: Literal["none", "balanced"]
    sample_weights: Literal["none", "uniqueness"]
    averaging: Literal["none", "ema", "swa"] = Field(description="of the weights")
    ema_decay: float = Field(gt=0, lt=1, description="a step")
    swa_start: int = Field(ge=0, le=MANY, description="first epoch whose weights are averaged")


class Hyperparameters(ModelParams, LearningParams):
    """All that tells one trained configuration from another: the names tune.space may search."""

    def by_name(self) -> dict[str, Choice]:
        """Return every value under the name that tune.space has for it."""
        return by_name(self.model_dump())


SEARCHABLE = (*Hyperparameters.model_fields, *LAYERS)
"""The names that tune.space may have."""

USES: Mapping[str, tuple[str, tuple[str, ...] | int]] = {
    "heads": ("pooling", ("multi_head",)),
    "residual": ("num_layers", 2),
    "skip_start": ("skip_rows", 1),
    "momentum": ("optimizer", ("sgd",)),
    "warmup_epochs": ("schedule", ("warmup", "warmup_cosine")),
    "focal_gamma": ("loss", ("focal",)),
    "ema_decay": ("averaging", ("ema",)),
    "swa_start": ("averaging", ("swa",)),
    **{name: ("num_layers", layer) for layer, name in enumerate(LAYERS, start=1)},
}
"""What matters only with certain values of another hyperparameter: those, or so many and more."""


class TrainingParams(LearningParams):
    """The training loop; the learning part holds the values of what tune.space does not search."""

    max_epochs: int = Field(ge=1, le=MANY)
    patience: int = Field(ge=1, le=MANY, description="epochs without a better validation loss")
    seeds: int = Field(ge=1, le=1000, description="networks averaged in one model")
    supervision: Literal["dense", "sliding"]
    stride: int = Field(
        ge=1, le=MANY, description="decisions scored in one segment of dense supervision"
    )
    calibration: Literal["none", "shrink", "temperature"]
    device: Literal["auto", "cpu", "cuda"]
    amp: bool = Field(description="bfloat16 where it is faster; on cuda alone")

    def conflicts(self) -> Iterator[Fault]:
        """Yield what only CUDA has where CUDA is ruled out."""
        if self.amp and self.device == "cpu":
            yield Fault("amp", "it needs device cuda or auto; set it to false on cpu")

    def complete(self, network: ModelParams, **chosen: object) -> Hyperparameters:
        """Return the hyperparameters: `chosen`, else the network's and this block's values.

        Raises:
            ValueError: a value is out of its range.
            ConflictError: values do not fit together; all of them.
        """
        mine = self.model_dump(include=set(LearningParams.model_fields))
        values = {**mine, **network.model_dump(), **chosen}
        hyper = Hyperparameters.model_validate(_gather_dropout(values))
        if faults := list(self.conflicts_with(hyper)):
            raise ConflictError(faults)
        return hyper

    def conflicts_with(self, hyper: Hyperparameters) -> Iterator[Fault]:
        """Yield what of a configuration cannot be, or not in this loop."""
        yield from hyper.network_conflicts()
        remedy = f"of {self.max_epochs} max_epochs; keep it below"
        warms_up = hyper.schedule in ("warmup", "warmup_cosine")
        if warms_up and hyper.warmup_epochs >= self.max_epochs:
            yield Fault("warmup_epochs", f"{hyper.warmup_epochs:g} {remedy}")
        if hyper.averaging == "swa" and hyper.swa_start >= self.max_epochs:
            yield Fault("swa_start", f"{hyper.swa_start} {remedy}")
        if hyper.bidirectional and self.supervision == "dense":
            yield Fault(
                "bidirectional",
                "under dense supervision it would see the future inside a segment; "
                "set training.supervision to sliding",
            )


def by_name(values: Mapping[str, Any]) -> dict[str, Choice]:
    """Return values with one dropout a layer under a name each.

    >>> by_name({"cell": "gru", "dropout": (0.1, 0.2)})
    {'cell': 'gru', 'dropout_1': 0.1, 'dropout_2': 0.2}
    """
    named = dict(values)
    if isinstance(named.get("dropout"), list | tuple):
        for layer, one in enumerate(named.pop("dropout"), 1):
            named[f"dropout_{layer}"] = one
    return named


def _gather_dropout(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values with the dropouts that have a layer's name in their place in a tuple."""
    rest = {name: value for name, value in values.items() if name not in LAYERS}
    mine = {name: value for name, value in values.items() if name in LAYERS}
    plain, layers = rest["dropout"], rest["num_layers"]
    if mine and isinstance(layers, int) and layers <= MOST_LAYERS:  # else it is at fault itself
        each = plain if isinstance(plain, list | tuple) else (plain,) * layers
        rest["dropout"] = tuple(
            mine.get(f"dropout_{layer}", one) for layer, one in enumerate(each, 1)
        )
    return rest
