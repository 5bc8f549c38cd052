"""The winner's luck: the best trials are trained again on fresh seeds, and the best mean wins."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tribar.errors import StudyError, listing
from tribar.study.config import RescoreParams
from tribar.study.pool import TrialPool
from tribar.study.ranking import ranked
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trials import TrialRequest, TrialRow

_SEEDS = 1000
"""The run of seed s of trial n has the number 1000 n + s in the journal of rescored trials."""


@dataclass(frozen=True)
class Rescored:
    """A trial's values on fresh seeds.

    Attributes:
        trial: the row that the study left.
        values: one a seed; a seed that failed is left out.
        reasons: why seeds failed.
    """

    trial: TrialRow
    values: tuple[float, ...]
    reasons: tuple[str, ...] = ()

    @property
    def mean(self) -> float:
        """Return the mean over the seeds; NaN where all failed."""
        return float(np.mean(self.values)) if self.values else float("nan")

    @property
    def std(self) -> float:
        """Return the sample standard deviation over the seeds, 0 for a single one."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else 0.0


def trial_and_seed(number: int) -> tuple[int, int]:
    """Return which trial and which of its seeds a run of the rescoring is.

    >>> trial_and_seed(25002)
    (25, 2)
    """
    return divmod(number, _SEEDS)


def rescore(
    rows: Sequence[TrialRow],
    params: RescoreParams,
    spec: ObjectiveSpec,
    pool: TrialPool,
) -> tuple[Rescored, ...]:
    """Return the best trials with their values on fresh seeds, the best mean first.

    A trial with a seed that failed comes after those without; without seeds the study's own
    order stands.

    Args:
        rows: of the study.
        params: how many trials, on how many seeds.
        spec: the metrics; with several, their trade-off has chosen, and nothing is trained again.
        pool: runs each trial on one seed, to its end.

    Raises:
        StudyError: no seed of any trial succeeded.
    """
    best = ranked(rows, spec.directions)[: params.top]
    if params.seeds == 0 or len(spec.metrics) > 1:
        return tuple(Rescored(row, (row.value,)) for row in best if row.value is not None)
    again = pool.run_all(
        TrialRequest(_SEEDS * row.number + seed, row.params)
        for row in best
        for seed in range(params.seeds)
    )
    scored = [
        _collect(row, [one for one in again if trial_and_seed(one.number)[0] == row.number])
        for row in best
    ]
    _require_success(scored)
    return tuple(sorted(scored, key=lambda one: (len(one.reasons), spec.direction.sign * one.mean)))


def _require_success(scored: Sequence[Rescored]) -> None:
    if not any(one.values for one in scored):
        reasons = sorted({reason for one in scored for reason in one.reasons})
        raise StudyError(f"tune: no trial completed when it was trained again: {listing(reasons)}")


def _collect(row: TrialRow, again: Sequence[TrialRow]) -> Rescored:
    values = tuple(one.value for one in again if one.state == "COMPLETE" and one.value is not None)
    return Rescored(row, values, tuple(one.reason for one in again if one.state == "FAIL"))
