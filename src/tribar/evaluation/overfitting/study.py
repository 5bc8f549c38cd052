"""All that is said of a study's overfitting."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tribar.evaluation.overfitting.backtest import BacktestOverfitting, backtest_overfitting
from tribar.evaluation.overfitting.confidence_set import ConfidenceSet, confidence_set
from tribar.evaluation.overfitting.lead import Lead, lead
from tribar.evaluation.overfitting.losses import ComparableLosses, comparable
from tribar.evaluation.overfitting.resampling import (
    FEWEST_PARTS,
    block_length,
    null_sums,
    part_count,
    part_sums,
)
from tribar.runtime import derive_seed

_NO_BASELINE = "the baseline is among those left out: nothing is compared with it"


@dataclass(frozen=True)
class Overfitting:
    """How much of a study's best trial may be the luck of choosing among many.

    Attributes:
        trials: that were compared, all of them distinct.
        times: decision times.
        backtest: the probability of backtest overfitting; None where `notes` say why.
        confidence_set: the trials that cannot be told from the best; None likewise.
        lead: of the best trial over the baseline; None likewise.
        notes: what was left out, and why something is missing.
    """

    trials: int
    times: int
    backtest: BacktestOverfitting | None = None
    confidence_set: ConfidenceSet | None = None
    lead: Lead | None = None
    notes: tuple[str, ...] = ()

    def record(self) -> dict[str, object]:
        """Return it by key, for JSON; what is not known is None."""
        backtest, best, ahead = self.backtest, self.confidence_set, self.lead
        return {
            "trials": self.trials,
            "decision_times": self.times,
            "pbo": backtest and backtest.probability,
            "pbo_null_low": backtest and backtest.low,
            "pbo_null_mean": backtest and backtest.mean,
            "pbo_null_high": backtest and backtest.high,
            "pbo_verdict": backtest and backtest.verdict,
            "confidence_set": best and best.size,
            "confidence_set_of": best and best.compared,
            "lead": ahead and ahead.found,
            "expected_lead": ahead and ahead.expected,
            "lead_95": ahead and ahead.high,
            "spa_p": ahead and ahead.spa_p,
            "notes": list(self.notes),
        }

    def lines(self) -> tuple[str, ...]:
        """Return it for a reader."""
        return tuple(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"overfitting, by log-loss (trials: {self.trials}, decision times: {self.times})"
        yield from (f"  {note}" for note in self.notes)
        if self.backtest:
            yield f"  {self.backtest.sentence()}"
        if self.confidence_set:
            yield f"  {self.confidence_set.sentence()}"
        if self.lead:
            yield from (f"  {line}" for line in self.lead.lines())


def study_overfitting(losses: NDArray[np.float64], horizon: int, seed: int) -> Overfitting:
    """Return how much of the best of a study's trials may be luck, from their losses by time.

    It is the luck of choosing among the trials that are given. That each of them kept its best
    epoch on the same samples, and that others were pruned on them, is not in it. In the resamples
    without any difference each trial has the variance and the dependence of its own losses, so
    that a hopeless trial of large variance makes luck look larger than it was.

    Without two trials to compare, or with too few decision times, the fields are None and the notes
    say why.

    Args:
        losses: (trials, times), in nats, of the completed trials; the first line is the
            baseline's; NaN where a trial has none.
        horizon: decision times over which one label reaches, at least 1: losses as far apart are
            not dependent through their labels.
        seed: of the bootstraps.
    """
    found, times = comparable(losses, horizon), losses.shape[1]
    values, notes = found.values, found.notes
    block = block_length(len(values), found.horizon)
    parts = part_count(len(values), block)
    if reason := _refusal(found, parts, horizon):
        return Overfitting(values.shape[1], times, notes=(*notes, reason))
    null = null_sums(values, parts, block, derive_seed(seed, "null"))
    return Overfitting(
        values.shape[1],
        times,
        backtest_overfitting(part_sums(values, parts), null),
        confidence_set(values, block, derive_seed(seed, "confidence set")),
        lead(values, null, block, derive_seed(seed, "SPA")) if found.has_baseline else None,
        notes if found.has_baseline else (*notes, _NO_BASELINE),
    )


def _refusal(found: ComparableLosses, parts: int, horizon: int) -> str:
    """Return why nothing can be said; empty where something can."""
    trials = found.values.shape[1]
    if trials == 0:
        return "no completed trial has a loss at every decision time"
    if trials == 1:
        return f"no completed trial but {'the baseline' if found.has_baseline else 'one'}"
    if parts < FEWEST_PARTS:
        return (
            f"the decision times are too few: where a label reaches over {horizon} of them it "
            f"takes {FEWEST_PARTS * block_length(1, horizon)} or more"
        )
    if len({one.tobytes() for one in (found.values - found.values[0]).T}) < trials:
        return "two trials differ by the same amount at every decision time: nothing varies by luck"
    return ""
