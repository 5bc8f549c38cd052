"""The model confidence set: which trials cannot be told from the best."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tribar.evaluation.overfitting.resampling import RESAMPLES

CONFIDENCE = 0.9
MOST_TRIALS = 100
"""The test compares each pair; with more trials the best by mean loss are compared."""


@dataclass(frozen=True)
class ConfidenceSet:
    """How many trials are in the model confidence set.

    Attributes:
        size: trials that cannot be told from the best.
        compared: trials, the best by mean loss.
        trials: of the study.
    """

    size: int
    compared: int
    trials: int

    def sentence(self) -> str:
        """Return it for a reader.

        >>> ConfidenceSet(size=31, compared=100, trials=250).sentence()
        '31 of the 100 best of 250 trials cannot be told from the best (model confidence set, 90 %)'
        """
        capped = self.compared < self.trials
        best = f"the {self.compared} best of {self.trials}" if capped else f"{self.trials}"
        return (
            f"{self.size} of {best} trials cannot be told from the best (model confidence set, "
            f"{100 * CONFIDENCE:g} %)"
        )


def confidence_set(losses: NDArray[np.float64], block: int, seed: int) -> ConfidenceSet:
    """Return the model confidence set of the trials with the lowest mean losses.

    With the range statistic of Hansen, Lunde and Nason, "The model confidence set", 2011, over a
    circular block bootstrap.

    Args:
        losses: (times, trials), of two distinct trials at least.
        block: times in a block.
        seed: of the bootstrap.
    """
    from arch.bootstrap import MCS  # slow to import, and no worker needs it

    best = losses.mean(axis=0).argsort(kind="stable")[:MOST_TRIALS]
    found = MCS(losses[:, best], 1 - CONFIDENCE, RESAMPLES, block, bootstrap="circular", seed=seed)
    found.compute()
    return ConfidenceSet(len(found.included), len(best), losses.shape[1])
