"""How much of the study's best trial may be luck: from what its completed trials left behind."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tribar.dataset.prepared import read_split
from tribar.evaluation.horizon import horizon
from tribar.evaluation.overfitting.study import Overfitting, study_overfitting
from tribar.model.shared_folds import VALIDATION
from tribar.stages.tune.current_study import CurrentStudy
from tribar.study.performance import read_performance
from tribar.trials import TrialRow


def overfitting(study: CurrentStudy, rows: Sequence[TrialRow], seed: int) -> Overfitting:
    """Return what the completed trials' losses by decision time say of overfitting.

    Args:
        study: whose folder has the performance of its trials.
        rows: of its first trials.
        seed: of the bootstraps.

    Raises:
        UserError: a trial's performance cannot be read.
    """
    split = read_split(study.recipe.data, columns=["decision", "label_end", "split"])
    on_validation = study.recipe.objective.over == VALIDATION
    judged = split.part("validation") if on_validation else split.samples
    return study_overfitting(completed_losses(study.folder, rows), horizon(judged), seed)


def completed_losses(folder: Path, rows: Sequence[TrialRow]) -> NDArray[np.float64]:
    """Return the log-losses of the completed trials by decision time, (trials, times).

    In the order of their numbers, trial 0, the baseline, first: it has a line also where it did
    not complete. A line is NaN where nothing is known, as of an imported trial.
    """
    completed = sorted(row.number for row in rows if row.state == "COMPLETE")
    found = {number: read_performance(folder, number) for number in completed}
    known = {number: one.values[0] for number, one in found.items() if one}
    nothing = np.full_like(next(iter(known.values()), np.zeros(1)), np.nan)
    numbers = sorted({0, *completed})
    return np.stack([known.get(number, nothing) for number in numbers]).astype(np.float64)
