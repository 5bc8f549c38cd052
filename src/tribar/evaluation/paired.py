"""Two runs of the pipeline on the decisions that both have judged."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.evaluation.horizon import horizon
from tribar.evaluation.loss_table import shared_lines, times_a_line
from tribar.evaluation.uncertainty import TimeSeries, by_time
from tribar.metrics.predictions import CLASS_NAMES
from tribar.metrics.scores import losses


@dataclass(frozen=True, eq=False)
class Paired:
    """The same decisions, judged by two models.

    Attributes:
        series: the new model's losses minus the base's.
        base_loss: mean log-loss of the base's model on them.
        new_loss: that of the new one.
        decisions: how many.
        of_base: how many the base judged in all.
        of_new: how many the new one did.
        relabelled: decisions that both made and whose labels differ: left out.
    """

    series: TimeSeries
    base_loss: float
    new_loss: float
    decisions: int
    of_base: int
    of_new: int
    relabelled: int = 0

    @property
    def is_whole(self) -> bool:
        """Return whether both judged the same decisions and no others."""
        return self.decisions == self.of_base == self.of_new


def pair_losses(base: pd.DataFrame, new: pd.DataFrame, reach: int, times: int) -> Paired | None:
    """Return the best models of two loss tables on the lines that are of the same decisions.

    None where there is no such line.

    Args:
        base: as `loss_table` makes it.
        new: likewise.
        reach: decision times over which a label reaches, in both.
        times: decision times of the new one.
    """
    both = shared_lines(base, new).sort_values("decision")
    if both.empty:
        return None
    counts = both["decisions"].to_numpy(np.float64)
    old, young = (both[name].to_numpy(np.float64) for name in ("best_base", "best_new"))
    joined = times_a_line(times)
    lines = reach if joined == 1 else -(-reach // joined) + 1
    return Paired(
        TimeSeries((young - old) * counts, counts, lines),
        float(np.average(old, weights=counts)),
        float(np.average(young, weights=counts)),
        int(counts.sum()),
        int(base["decisions"].sum()),
        int(new["decisions"].sum()),
    )


def pair_predictions(base: pd.DataFrame, new: pd.DataFrame) -> Paired | None:
    """Return the best models of two tables of predictions on the decisions of the same label.

    None where there is none.

    Args:
        base: columns symbol, decision, label, label_end, best_down, best_flat, best_up.
        new: likewise.
    """
    both = base.merge(new, on=["symbol", "decision"], suffixes=("_base", "_new"))
    both = both.sort_values(["symbol", "decision"])
    same = both[both["label_base"] == both["label_new"]].reset_index(drop=True)
    if same.empty:
        return None
    old, young = (_losses(same, suffix) for suffix in ("_base", "_new"))
    ends = same.rename(columns={"label_end_new": "label_end"})
    return Paired(
        by_time(young - old, same["decision"], horizon(ends)),
        float(old.mean()),
        float(young.mean()),
        len(same),
        len(base),
        len(new),
        len(both) - len(same),
    )


def _losses(table: pd.DataFrame, suffix: str) -> NDArray[np.float64]:
    probability = table[[f"best_{name}{suffix}" for name in CLASS_NAMES]].to_numpy(np.float64)
    return losses(table["label_new"].to_numpy(), probability)
