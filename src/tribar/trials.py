"""A trial: what is asked, the row that it leaves, and which value is better."""

import itertools
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal, NamedTuple, Self

from tribar.block import Choice

STUDY_NAME = "tribar"
"""Fixed, because some pruners hash it together with a trial's number."""

State = Literal["COMPLETE", "PRUNED", "FAIL"]


class Direction(StrEnum):
    """Which way a metric is better, as Optuna writes it."""

    MINIMIZE = "minimize"
    MAXIMIZE = "maximize"

    @property
    def sign(self) -> int:
        """Return the factor that makes less of a value better."""
        return 1 if self is Direction.MINIMIZE else -1

    def best(self, values: Iterable[float]) -> float:
        """Return the best of the values."""
        return min(values) if self is Direction.MINIMIZE else max(values)

    def running_best(self, values: Iterable[float]) -> tuple[float, ...]:
        """Return the best of the values up to each position.

        >>> Direction.MINIMIZE.running_best([1.2, 1.0, 1.1])
        (1.2, 1.0, 1.0)
        """
        better = min if self is Direction.MINIMIZE else max
        return tuple(itertools.accumulate(values, better))


@dataclass(frozen=True)
class PruneCheck:
    """One decision of the pruner on a running trial.

    Attributes:
        step: after which it was taken.
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
        values: the best value of each metric; empty for a failed trial.
        params: the searched hyperparameters.
        curve: value of the first metric after each step run.
        checks: the pruner's decisions, one a step.
        rungs: the rungs of successive halving that it reached, with its value there.
        reason: why it was pruned or failed; empty for a completed trial.
    """

    number: int
    state: State
    values: tuple[float, ...]
    params: Mapping[str, Choice]
    curve: tuple[float, ...] = ()
    checks: tuple[PruneCheck, ...] = ()
    rungs: Mapping[str, float] = field(default_factory=dict)
    reason: str = ""

    @property
    def value(self) -> float | None:
        """Return the value of the first metric; None for a failed trial."""
        return self.values[0] if self.values else None

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the row that `to_json` described, in this or an earlier version.

        The earlier one wrote the first value as `value`, and left `values` empty where there was
        no other.
        """
        content = dict(content)
        first = content.pop("value", None)
        values = tuple(content["values"]) or (() if first is None else (first,))
        checks = tuple(PruneCheck(**check) for check in content["checks"])
        curve = tuple(content["curve"])
        return cls(**{**content, "values": values, "curve": curve, "checks": checks})


class TrialSummary(NamedTuple):
    """What pruners and samplers know of a finished trial.

    Attributes:
        number: of the trial.
        state: how it ended.
        values: of every metric; empty unless it completed.
        reported: its best value so far by epoch, or its value by fold.
        rungs: of successive halving.
    """

    number: int
    state: State
    values: tuple[float, ...]
    reported: tuple[float, ...]
    rungs: Mapping[str, float]


@dataclass(frozen=True)
class TrialRequest:
    """What a worker needs to run one trial.

    Attributes:
        number: of the trial.
        params: proposed by the sampler.
        finished: the trials that it is pruned against.
        seconds: that it may take; None is no limit.
    """

    number: int
    params: Mapping[str, Choice]
    finished: Sequence[TrialSummary] = ()
    seconds: float | None = None


def summary(
    row: TrialRow, max_steps: int, direction: Direction, sequential_folds: bool = False
) -> TrialSummary:
    """Return what others may know of a trial.

    A completed trial that stopped early keeps its best to the last step: left out there, it would
    leave the judgement of later steps to the few trials that ran long. Where the steps are folds
    (`sequential_folds`) each has its own value.

    >>> summary(TrialRow(0, "COMPLETE", (1.0,), {}, (1.0, 1.1)), 3, Direction.MINIMIZE).reported
    (1.0, 1.0, 1.0)
    """
    reported = row.curve if sequential_folds else direction.running_best(row.curve)
    is_complete = row.state == "COMPLETE"
    if is_complete and not sequential_folds:
        reported += reported[-1:] * (max_steps - len(reported))
    values = row.values if is_complete else ()
    return TrialSummary(row.number, row.state, values, reported, row.rungs)


def to_lines(rows: Iterable[TrialRow]) -> str:
    """Return rows as JSON, one a line."""
    return "".join(json.dumps(row.to_json(), sort_keys=True) + "\n" for row in rows)


def from_lines(text: str) -> tuple[TrialRow, ...]:
    """Return the rows that `to_lines` described."""
    return tuple(TrialRow.from_json(json.loads(line)) for line in text.splitlines())
