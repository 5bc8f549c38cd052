"""Parameters that are allowed one by one and not together, in a block or between blocks."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from inspect import signature

from tribar.block import Block, Choice, ConflictError, Fault
from tribar.errors import did_you_mean
from tribar.market.config import PrepareParams
from tribar.model.config import SEARCHABLE, USES, BaselineParams, ModelParams, TrainingParams
from tribar.search.dimensions import Space
from tribar.search.inactive import inactive_faults
from tribar.search.space_checks import space_faults, valid_dimensions
from tribar.study.config import TuneParams


def conflicts(blocks: Mapping[str, Block]) -> Iterator[Fault]:
    """Yield what does not fit together, as far as the blocks that a check needs are there.

    Args:
        blocks: of `Params` by name; those that could not be read are missing.
    """
    for name, block in blocks.items():
        yield from (fault.within(name) for fault in block.all_conflicts())
    for check in CHECKS:
        needed = signature(check).parameters.keys()
        if needed <= blocks.keys():
            yield from check(**{name: blocks[name] for name in needed})


def _invalid_configurations(
    baseline: BaselineParams, model: ModelParams, training: TrainingParams, tune: TuneParams
) -> Iterator[Fault]:
    """Yield why the baseline or a point of the space is no configuration that can be trained."""
    reported = set[str]()
    try:
        training.complete(model, **baseline.model_dump())
    except ConflictError as error:
        for fault in error.faults:
            is_own = fault.key in BaselineParams.model_fields
            found = fault.within("baseline" if is_own else _block_of(fault.key))
            reported.add(found.key)
            yield found
    complete = partial(training.complete, model)
    faults = space_faults(_known_dimensions(tune), complete, _block_of)
    yield from (fault for fault in faults if fault.key not in reported)


def _unknown_hyperparameters(tune: TuneParams) -> Iterator[Fault]:
    for name in tune.space:
        if name not in SEARCHABLE:
            hint = did_you_mean(name, SEARCHABLE) or f"; known: {', '.join(SEARCHABLE)}"
            yield Fault(f"tune.space.{name}", f"unknown hyperparameter{hint}")


def _inactive_dimensions(
    model: ModelParams, training: TrainingParams, tune: TuneParams
) -> Iterator[Fault]:
    unsearched = {**training.model_dump(), **model.model_dump()}
    yield from inactive_faults(_known_dimensions(tune), USES, unsearched)


def _unknown_groups(
    prepare: PrepareParams, model: ModelParams, tune: TuneParams
) -> Iterator[Fault]:
    known = ", ".join(prepare.feature_groups)
    for key, value in _possible_values("features", model, tune):
        names = value.split("+") if isinstance(value, str) and value != "all" else []
        for name in names:
            if name not in prepare.feature_groups:
                text = f"{name!r} is no group of prepare.feature_groups"
                yield Fault(key, f"{text}; known: all, or joined by +: {known}")


def _too_many_skip_rows(
    prepare: PrepareParams, model: ModelParams, tune: TuneParams
) -> Iterator[Fault]:
    for key, rows in _possible_values("skip_rows", model, tune):
        if isinstance(rows, int) and rows > prepare.window:
            yield Fault(key, f"{rows} rows of a window of {prepare.window}; keep it within")


def _possible_values(
    name: str, model: ModelParams, tune: TuneParams
) -> Iterator[tuple[str, Choice]]:
    """Yield the key and the extremes of a hyperparameter: in the model, and in the space."""
    yield f"model.{name}", getattr(model, name)
    if name in tune.space:
        yield from ((f"tune.space.{name}", value) for value in tune.space[name].ends())


def _known_dimensions(tune: TuneParams) -> Space:
    """Return the dimensions that have no fault by themselves."""
    return valid_dimensions({name: one for name, one in tune.space.items() if name in SEARCHABLE})


def _block_of(name: str) -> str:
    """Return the block that holds the value of a hyperparameter that is not searched."""
    return "model" if name in ModelParams.model_fields else "training"


CHECKS: tuple[Callable[..., Iterator[Fault]], ...] = (
    _unknown_hyperparameters,
    _invalid_configurations,
    _inactive_dimensions,
    _unknown_groups,
    _too_many_skip_rows,
)
"""The checks between blocks; each names its arguments as the blocks that it needs."""
