"""Dimensions of a search space that decide nothing, as what they are of is never drawn."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tribar.params.drawing import drawn
from tribar.params.space import LAYERS, FixedDimension, Space
from tribar.params.training import Hyperparameters


@dataclass(frozen=True)
class Use:
    """Where a hyperparameter is of use.

    Attributes:
        there: whether it is in a configuration.
        words: the same in words.
    """

    there: Callable[[Hyperparameters], bool]
    words: str


def _deep(layers: int) -> Use:
    return Use(lambda hyper: hyper.num_layers >= layers, f"{layers} layers (num_layers)")


USES: Mapping[str, Use] = {
    "heads": Use(lambda hyper: hyper.pooling == "multi_head", "pooling multi_head"),
    "residual": _deep(2),
    "skip_start": Use(lambda hyper: hyper.skip_rows > 0, "skip_rows above 0"),
    "momentum": Use(lambda hyper: hyper.optimizer == "sgd", "optimizer sgd"),
    "warmup_epochs": Use(
        lambda hyper: hyper.schedule in ("warmup", "warmup_cosine"),
        "schedule warmup or warmup_cosine",
    ),
    "focal_gamma": Use(lambda hyper: hyper.loss == "focal", "loss focal"),
    "ema_decay": Use(lambda hyper: hyper.averaging == "ema", "averaging ema"),
    "swa_start": Use(lambda hyper: hyper.averaging == "swa", "averaging swa"),
    **{name: _deep(layer) for layer, name in enumerate(LAYERS, start=1)},
}


def idle_faults(space: Space, complete: Callable[..., Hyperparameters]) -> Iterator[str]:
    """Yield each searched dimension that no point of a space has a use for, as `key: what`.

    Args:
        space: of dimensions that have no fault by themselves.
        complete: makes the whole configuration of a point, given by name.
    """
    used, points = set[str](), 0
    for point in drawn(space):
        try:
            hyper = complete(**point)
        except ValueError:  # told elsewhere
            continue
        points += 1
        used |= {name for name in point if name in USES and USES[name].there(hyper)}
    for name, dimension in space.items():
        searched = name in USES and not isinstance(dimension, FixedDimension)
        if points and searched and name not in used:
            yield f"tune.space.{name}: no trial can have {USES[name].words}; allow it, or drop this"
