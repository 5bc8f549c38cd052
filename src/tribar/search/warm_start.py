"""Trials of earlier studies that a study's sampler knows before it proposes anything."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from optuna.trial import FrozenTrial, create_trial

from tribar.block import Block, Choice, read_json
from tribar.errors import UserError
from tribar.files import hash_text
from tribar.search.conditions import missing, restrict
from tribar.search.dimensions import Space
from tribar.search.distributions import distributions


class KnownTrial(Block):
    """A completed trial of another study.

    Attributes:
        params: its hyperparameters, with those that it did not search as far as they are known.
        value: of its objective.
    """

    params: dict[str, Choice]
    value: float


class WarmStart(Block):
    """The content of the warm-start file."""

    trials: tuple[KnownTrial, ...]

    @property
    def digest(self) -> str:
        """Return a hash of the trials."""
        return hash_text(self.model_dump_json())


@dataclass(frozen=True)
class FilteredTrials:
    """Trials that another space admits, and why the others were dropped.

    Attributes:
        kept: in their order.
        dropped: how many, by reason.
    """

    kept: tuple[KnownTrial, ...]
    dropped: Mapping[str, int]


def read_warm_start(path: Path) -> WarmStart:
    """Return the trials of a warm-start file.

    Raises:
        UserError: it is missing or is no such file.
    """
    try:
        return read_json(path, WarmStart)
    except ValueError as fault:
        raise UserError(
            f'{path}: {fault}; write it with `tribar study import`, or {{"trials": []}} for none'
        ) from None


def filter_compatible(
    trials: Sequence[KnownTrial], space: Space, fixed: Mapping[str, Choice]
) -> FilteredTrials:
    """Return the trials whose every parameter the space admits or `fixed` equals.

    Args:
        trials: of another study.
        space: the search space to fit into.
        fixed: the value of each hyperparameter that is not searched.
    """
    reasons = [_fault(trial, space, fixed) for trial in trials]
    kept = [trial for trial, reason in zip(trials, reasons, strict=True) if not reason]
    return FilteredTrials(tuple(kept), Counter(filter(None, reasons)))


def _fault(trial: KnownTrial, space: Space, fixed: Mapping[str, Choice]) -> str:
    """Return why a trial does not fit; empty if it does."""
    params = trial.params
    if absent := missing(space, restrict(space, params)):
        reason = "outside tune.space" if absent[0] in params else "is missing"
        return f"{absent[0]} {reason}"
    for other in sorted(params.keys() - space.keys()):
        if other not in fixed:
            return f"{other} is no hyperparameter here"
        if params[other] != fixed[other]:
            return f"{other} other than {fixed[other]}"
    return ""


def completed(trial: KnownTrial, space: Space) -> FrozenTrial:
    """Return a trial that the space admits, in Optuna's form."""
    params = restrict(space, trial.params)
    searched = {name: one for name, one in distributions(space).items() if name in params}
    return create_trial(value=trial.value, params=dict(params), distributions=searched)
