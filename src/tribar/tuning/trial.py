"""A trial: what is asked, and the row that it leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from tribar.params.space import Choice

State = Literal["COMPLETE", "PRUNED", "FAIL"]


@dataclass(frozen=True)
class PruneCheck:
    """One look of the pruner at a running trial.

    Attributes:
        epoch: after which the look was taken.
        value: the trial's best validation loss so far.
        threshold: what it was held against; None where nothing was there to compare with.
        compared: number of trials behind the threshold.
        rule: the pruner's name.
        pruned: the decision.
    """

    epoch: int
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
        value: the lowest validation loss; None for a failed trial.
        params: the searched hyperparameters.
        curve: validation loss after each epoch run.
        checks: the pruner's looks, one an epoch.
        reason: why it was pruned or failed; empty for a completed trial.
    """

    number: int
    state: State
    value: float | None
    params: Mapping[str, Choice]
    curve: tuple[float, ...] = ()
    checks: tuple[PruneCheck, ...] = ()
    reason: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return plain values for JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the row that `to_json` described."""
        checks = tuple(PruneCheck(**check) for check in content["checks"])
        return cls(**{**content, "curve": tuple(content["curve"]), "checks": checks})

    def best_so_far(self) -> tuple[float, ...]:
        """Return the lowest loss up to each epoch.

        >>> TrialRow(0, "COMPLETE", 1.0, {}, (1.2, 1.0, 1.1)).best_so_far()
        (1.2, 1.0, 1.0)
        """
        return running_best(self.curve)


@dataclass(frozen=True)
class Job:
    """What a worker needs to run one trial.

    Attributes:
        number: of the trial.
        params: proposed by the sampler.
        told: the rows that it is pruned against.
    """

    number: int
    params: Mapping[str, Choice]
    told: Sequence[TrialRow]


def running_best(losses: Sequence[float]) -> tuple[float, ...]:
    """Return the lowest of the losses up to each position."""
    best: list[float] = []
    for loss in losses:
        best.append(min(loss, best[-1]) if best else loss)
    return tuple(best)


def best_of(rows: Sequence[TrialRow]) -> TrialRow | None:
    """Return the completed trial of lowest value, the earliest among equals."""
    completed = [row for row in rows if row.state == "COMPLETE" and row.value is not None]
    return min(completed, key=lambda row: (row.value, row.number), default=None)
