"""What running a trial leaves: its row, and what is kept beside the row and decides nothing."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tribar.trials import TrialRow


@dataclass(frozen=True, eq=False)
class Performance:
    """How a trial's predictions did at each decision time: means over its symbols and seeds.

    Attributes:
        times: datetime64[ns], (times,), UTC, ascending: all on which the study judges its trials.
        values: float32, (2, times): the log-loss in nats, and the return, before costs, of a
            position of p_up - p_down units that is held to the exit. NaN on folds that a pruned
            trial never came to; the return also where the data has no return to the exit.
    """

    times: NDArray[np.datetime64]
    values: NDArray[np.float32]


class Span(NamedTuple):
    """When a trial ran: seconds since the epoch; of a resumed one, its last part."""

    began: float
    ended: float


@dataclass(frozen=True, eq=False)
class TrialResult:
    """A trial that has ended.

    Attributes:
        row: all that the study goes by.
        performance: at its best epoch, at its last one if it was pruned; None where the trial
            failed, or its objective has no decisions.
        span: when it ran; None where nobody looked at the clock.
    """

    row: TrialRow
    performance: Performance | None = None
    span: Span | None = None
