"""A trial: what is asked, and the row that it leaves."""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, NamedTuple, Self

from tribar.block import Choice

STUDY_NAME = "tribar"
"""Fixed, because some pruners hash it together with a trial's number."""

State = Literal["COMPLETE", "PRUNED", "FAIL"]
Direction = Literal["minimize", "maximize"]


@dataclass(frozen=True)
class PruneCheck:
    """One look of the pruner at a running trial.

    Attributes:
        step: after which the look was taken.
        value: the trial's best value so far.
        threshold: the value to beat; None where the rule has none.
        compared: number of trials behind the threshold.
        rule: the pruner's name.
        pruned: the decision.
    """

    step: int
    value: float
    threshold: float | None
    compared: int
    rule: str
    pruned: bool


@dataclass(frozen=True)
class TrialRow:
    """A finished trial, as the journal keeps it.

    Attributes:
        number: position in the study, from 0.
        state: how it ended.
        value: the best value; None for a failed trial.
        params: the searched hyperparameters.
        curve: value after each step run.
        checks: the pruner's looks, one a step.
        rungs: the rungs of successive halving that it reached, with its value there.
        reason: why it was pruned or failed; empty for a completed trial.
        values: of every metric, where the study has several; the first is `value`.
    """

    number: int
    state: State
    value: float | None
    params: Mapping[str, Choice]
    curve: tuple[float, ...] = ()
    checks: tuple[PruneCheck, ...] = ()
    rungs: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""
    values: tuple[float, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the row that `to_json` described."""
        checks = tuple(PruneCheck(**check) for check in content["checks"])
        tuples = {"curve": tuple(content["curve"]), "values": tuple(content["values"])}
        return cls(**{**content, **tuples, "checks": checks})


class Told(NamedTuple):
    """What pruners and samplers know of a finished trial.

    Attributes:
        number: of the trial.
        state: how it ended.
        value: of a completed trial.
        reported: its best value so far by epoch, or its value by fold.
        rungs: of successive halving.
        values: of every metric, where the study has several.
    """

    number: int
    state: State
    value: float | None
    reported: tuple[float, ...]
    rungs: Mapping[str, float]
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Job:
    """What a worker needs to run one trial.

    Attributes:
        number: of the trial.
        params: proposed by the sampler.
        told: the trials that it is pruned against.
        seconds: that it may take; None is no limit.
    """

    number: int
    params: Mapping[str, Choice]
    told: Sequence[Told]
    seconds: float | None = None


def running_best(values: Sequence[float], direction: Direction = "minimize") -> tuple[float, ...]:
    """Return the best of the values up to each position.

    >>> running_best([1.2, 1.0, 1.1])
    (1.2, 1.0, 1.0)
    """
    better = min if direction == "minimize" else max
    return tuple(itertools.accumulate(values, better))


def summary(row: TrialRow, max_steps: int, direction: Direction, in_turn: bool = False) -> Told:
    """Return what others may know of a trial.

    A completed trial that stopped early keeps its best to the last step: left out there, it would
    leave the judgement of later steps to the few trials that ran long. Where the steps are folds
    (`in_turn`) each has its own value.

    >>> summary(TrialRow(0, "COMPLETE", 1.0, {}, (1.0, 1.1)), 3, "minimize").reported
    (1.0, 1.0, 1.0)
    """
    reported = row.curve if in_turn else running_best(row.curve, direction)
    is_complete = row.state == "COMPLETE"
    if is_complete and not in_turn:
        reported += reported[-1:] * (max_steps - len(reported))
    value = row.value if is_complete else None
    return Told(row.number, row.state, value, reported, row.rungs, row.values)


def to_lines(rows: Iterable[TrialRow]) -> str:
    """Return rows as JSON, one a line."""
    return "".join(json.dumps(row.to_json(), sort_keys=True) + "\n" for row in rows)


def from_lines(text: str) -> tuple[TrialRow, ...]:
    """Return the rows that `to_lines` described."""
    return tuple(TrialRow.from_json(json.loads(line)) for line in text.splitlines())


def best_of(rows: Sequence[TrialRow], direction: Direction = "minimize") -> TrialRow | None:
    """Return the completed trial of the best value, the earliest among equals."""
    sign = 1 if direction == "minimize" else -1
    completed = [row for row in rows if row.state == "COMPLETE" and row.value is not None]
    return min(completed, key=lambda row: (sign * (row.value or 0.0), row.number), default=None)
