"""Forecasts: what several models say of the same decisions, and how they compare."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.evaluation.horizon import horizon
from tribar.evaluation.uncertainty import TimeSeries, by_time, estimate
from tribar.evaluation.verdict import Verdict, judge
from tribar.metrics.predictions import CLASS_NAMES, Probability
from tribar.metrics.scores import losses

BEST = "best"
_OF_SAMPLE = ["symbol", "decision", "label", "label_end", "exit_return"]


@dataclass(frozen=True, eq=False)
class Forecasts:
    """Probabilities of several models for the same decisions.

    Attributes:
        samples: columns symbol, decision, label, label_end and exit_return, (n,).
        probability: of each model, (n, 3), by its name.
    """

    samples: pd.DataFrame
    probability: Mapping[str, Probability]

    @classmethod
    def from_table(cls, table: pd.DataFrame) -> Self:
        """Return what `table` gave."""
        suffix = f"_{CLASS_NAMES[0]}"
        names = [str(one).removesuffix(suffix) for one in table if str(one).endswith(suffix)]
        found = {
            who: table[[f"{who}_{name}" for name in CLASS_NAMES]].to_numpy(np.float64)
            for who in names
        }
        return cls(table[_OF_SAMPLE], found)

    def table(self) -> pd.DataFrame:
        """Return a line a decision: the sample, then columns <model>_down, _flat and _up."""
        columns = {
            f"{who}_{name}": probability[:, column]
            for who, probability in self.probability.items()
            for column, name in enumerate(CLASS_NAMES)
        }
        return self.samples[_OF_SAMPLE].assign(**columns)

    @cached_property
    def labels(self) -> NDArray[np.int64]:
        """Return the labels, (n,)."""
        return self.samples["label"].to_numpy(np.int64)

    @cached_property
    def horizon(self) -> int:
        """Return over how many decision times a label reaches."""
        return horizon(self.samples)

    @cached_property
    def losses(self) -> dict[str, NDArray[np.float64]]:
        """Return each model's log-losses, (n,), by its name.

        Raises:
            UserError: labels or probabilities are not valid.
        """
        return {who: losses(self.labels, one) for who, one in self.probability.items()}

    def others(self) -> dict[str, Probability]:
        """Return the probabilities of all but the best model, by name."""
        return {who: one for who, one in self.probability.items() if who != BEST}

    def among(self, chosen: NDArray[np.bool_]) -> "Forecasts":
        """Return the forecasts of the chosen samples alone, (n,)."""
        samples = self.samples[chosen].reset_index(drop=True)
        return Forecasts(samples, {who: one[chosen] for who, one in self.probability.items()})

    def by_time(self, values: NDArray[np.float64]) -> TimeSeries:
        """Return a value of each sample, (n,), added up by decision time."""
        return by_time(values, self.samples["decision"], self.horizon)

    def verdicts(self, confidence: float, models: int) -> dict[str, Verdict]:
        """Return what can be said of the best model against each other one.

        Args:
            confidence: of the intervals.
            models: that these decisions have judged.
        """
        ours = self.losses[BEST]
        return {
            other: judge(estimate(self.by_time(ours - theirs)), confidence, models)
            for other, theirs in self.losses.items()
            if other != BEST
        }
