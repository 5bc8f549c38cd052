"""The pruner audit: what would have become of the trials that were pruned."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tribar.runtime import derive_seed
from tribar.study.pool import TrialPool
from tribar.study.ranking import ranked
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trials import TrialRequest, TrialRow


@dataclass(frozen=True)
class Audited:
    """A pruned trial, and the same trial run to its end.

    Attributes:
        pruned: the row of the study.
        finished: the row without a pruner.
        would_have_won: whether it would have beaten every completed trial.
    """

    pruned: TrialRow
    finished: TrialRow
    would_have_won: bool


@dataclass(frozen=True)
class Audit:
    """The sample, and what pruning saved in the whole study.

    Attributes:
        audited: the sampled trials, by number.
        pruned: pruned trials of the study.
        steps_run: of the whole study.
        steps_saved: by the sampled trials' early end.
    """

    audited: tuple[Audited, ...]
    pruned: int
    steps_run: int
    steps_saved: int

    @property
    def winners(self) -> int:
        """Return how many of the sample would have won."""
        return sum(one.would_have_won for one in self.audited)

    def lines(self) -> list[str]:
        """Return the findings for a reader."""
        if not self.audited:
            return ["audit: no trial was pruned"]
        sample = len(self.audited)
        return [
            *(_line(one) for one in self.audited),
            f"audit: {self.winners} of {sample} sampled trials ({self.pruned} were pruned) would "
            f"have won; pruning these {sample} saved {self.steps_saved} epochs, the study ran "
            f"{self.steps_run}",
        ]


def sample_pruned(rows: Sequence[TrialRow], size: int, seed: int) -> list[TrialRow]:
    """Return at most `size` pruned trials, drawn without regard to how they did, by number."""
    pruned = [row for row in rows if row.state == "PRUNED"]
    rng = np.random.default_rng(derive_seed(seed, "audit"))
    drawn = rng.permutation(len(pruned))[:size]
    return [pruned[position] for position in sorted(drawn)]


def audit(
    rows: Sequence[TrialRow],
    sample: Sequence[TrialRow],
    spec: ObjectiveSpec,
    pool: TrialPool,
) -> Audit:
    """Run the sampled trials to their end, and compare them with the study's best.

    Args:
        rows: of the study.
        sample: some of its pruned trials.
        spec: the metrics.
        pool: runs trials as the study did, without a pruner.
    """
    again = pool.run_all(TrialRequest(row.number, row.params) for row in sample)
    found = list(zip(sample, again, strict=True))
    return Audit(
        tuple(Audited(row, one, _wins(one, rows, spec)) for row, one in found),
        sum(row.state == "PRUNED" for row in rows),
        sum(len(row.curve) for row in rows),
        sum(len(finished.curve) - len(row.curve) for row, finished in found),
    )


def _wins(finished: TrialRow, rows: Sequence[TrialRow], spec: ObjectiveSpec) -> bool:
    completed = [row for row in rows if row.state == "COMPLETE"]
    return ranked([*completed, finished], spec.directions)[:1] == [finished]


def _line(one: Audited) -> str:
    won = "would have won" if one.would_have_won else "would not have won"
    end = "failed" if one.finished.value is None else f"{one.finished.value:.4f}"
    return (
        f"trial {one.pruned.number}: pruned after {len(one.pruned.curve)} epochs at "
        f"{one.pruned.value:.4f}, in the end {end} after {len(one.finished.curve)}: {won}"
    )
