"""The dimensions of a search space, as params.yaml writes them."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from tribar.block import Block, Choice, Fault, repeated

Searchable = Literal[
    "cell",
    "hidden_dim",
    "num_layers",
    "bidirectional",
    "dropout",
    "dropout_1",
    "dropout_2",
    "dropout_3",
    "dropout_4",
    "dropout_kind",
    "input_dropout",
    "layer_norm",
    "residual",
    "pooling",
    "heads",
    "skip_rows",
    "skip_start",
    "features",
    "learning_rate",
    "batch_size",
    "optimizer",
    "momentum",
    "weight_decay",
    "clip_norm",
    "schedule",
    "warmup_epochs",
    "loss",
    "focal_gamma",
    "label_smoothing",
    "class_weights",
    "sample_weights",
    "averaging",
    "ema_decay",
    "swa_start",
]
"""The names that a space may hold: those of `Hyperparameters`, and `model.config.LAYERS`."""


MOST = 2**53
"""The largest whole number up to which a float has all of them."""


def _as_tuple(allowed: object) -> object:
    return tuple(allowed) if isinstance(allowed, list | tuple) else (allowed,)


class Dimension(Block):
    """What every dimension may carry: the values of others without which it does not exist."""

    when: dict[Searchable, Annotated[tuple[Choice, ...], BeforeValidator(_as_tuple)]] = Field(
        default_factory=dict
    )


class FloatDimension(Dimension):
    """Real numbers in [low, high], evenly or (log) by order of magnitude, or on a grid (step)."""

    type: Literal["float"]
    low: float
    high: float
    log: bool = False
    step: float | None = Field(default=None, gt=0)

    def conflicts(self) -> Iterator[Fault]:
        """Yield an empty range and a logarithm of nothing."""
        yield from _range_faults(self.low, self.high, self.log, stepped=self.step is not None)
        if self.step and (self.high - self.low) / self.step > MOST:
            yield Fault("step", f"{self.step:g} makes more than {MOST:,} values; give a larger one")


class IntDimension(Dimension):
    """Whole numbers low, low + step, ... up to high."""

    type: Literal["int"]
    low: int = Field(ge=-MOST, le=MOST)
    high: int = Field(ge=-MOST, le=MOST)
    log: bool = False
    step: int = Field(default=1, ge=1)

    def conflicts(self) -> Iterator[Fault]:
        """Yield an empty range and a logarithm of nothing."""
        yield from _range_faults(self.low, self.high, self.log, stepped=self.step != 1)


class CategoricalDimension(Dimension):
    """One of the choices, in no order."""

    type: Literal["categorical"]
    choices: tuple[Choice, ...] = Field(min_length=1)

    def conflicts(self) -> Iterator[Fault]:
        """Yield choices that are named twice: they would be drawn twice as often."""
        yield from (
            Fault("choices", f"{one!r} stands twice; drop one") for one in repeated(self.choices)
        )


class FixedDimension(Dimension):
    """One value: the dimension stays in the tables and is not searched."""

    type: Literal["fixed"]
    value: Choice


AnyDimension = Annotated[
    FloatDimension | IntDimension | CategoricalDimension | FixedDimension,
    Field(discriminator="type"),
]
Space = dict[Searchable, AnyDimension]


def _range_faults(low: float, high: float, log: bool, stepped: bool) -> Iterator[Fault]:
    if low > high:
        yield Fault("low", f"{low:g} is above high {high:g}")
    if log and low <= 0:
        yield Fault("low", f"it is {low:g}, and a log dimension needs more than 0")
    if log and stepped:
        yield Fault("step", "log and step exclude each other; drop one")
