"""Dimensions of a search space that decide nothing, as what they are of is never drawn."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tribar.block import Fault
from tribar.model.config import LAYERS, Hyperparameters
from tribar.search.dimensions import FixedDimension, Searchable, Space
from tribar.search.sampled_points import crossed


@dataclass(frozen=True)
class Use:
    """What a hyperparameter is of.

    Attributes:
        by: the hyperparameter that decides whether it is of use.
        words: the values with which it is.
        there: whether a configuration has one of them.
    """

    by: Searchable
    words: str
    there: Callable[[Hyperparameters], bool]


def _deep(layers: int) -> Use:
    return Use("num_layers", f"{layers} or more", lambda hyper: hyper.num_layers >= layers)


USES: Mapping[str, Use] = {
    "heads": Use("pooling", "multi_head", lambda hyper: hyper.pooling == "multi_head"),
    "residual": _deep(2),
    "skip_start": Use("skip_rows", "1 or more", lambda hyper: hyper.skip_rows > 0),
    "momentum": Use("optimizer", "sgd", lambda hyper: hyper.optimizer == "sgd"),
    "warmup_epochs": Use(
        "schedule",
        "warmup or warmup_cosine",
        lambda hyper: hyper.schedule in ("warmup", "warmup_cosine"),
    ),
    "focal_gamma": Use("loss", "focal", lambda hyper: hyper.loss == "focal"),
    "ema_decay": Use("averaging", "ema", lambda hyper: hyper.averaging == "ema"),
    "swa_start": Use("averaging", "swa", lambda hyper: hyper.averaging == "swa"),
    **{name: _deep(layer) for layer, name in enumerate(LAYERS, start=1)},
}


def idle_faults(space: Space, complete: Callable[..., Hyperparameters]) -> Iterator[Fault]:
    """Yield each searched dimension that no point of a space has a use for.

    Args:
        space: of dimensions that have no fault by themselves.
        complete: makes the whole configuration of a point, given by name.
    """
    for name, dimension in space.items():
        use = USES.get(name)
        if use and not isinstance(dimension, FixedDimension):
            seen = list(_uses(space, name, use, complete))
            if seen and not any(seen):
                yield Fault(
                    f"tune.space.{name}",
                    f"no trial that has it can have {use.by} {use.words}; allow that, or drop this",
                )


def _uses(
    space: Space, name: Searchable, use: Use, complete: Callable[..., Hyperparameters]
) -> Iterator[bool]:
    """Yield, for points that have a dimension, whether it is of use."""
    for point in crossed(space, name, use.by):
        try:
            hyper = complete(**point)
        except ValueError:  # told elsewhere
            continue
        if name in point:
            yield use.there(hyper)
