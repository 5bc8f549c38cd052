"""What is asked of a forecast."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from tribar.market.findings.rules import Action


@dataclass(frozen=True)
class ForecastOptions:
    """What is asked of a forecast.

    Attributes:
        as_of: bars that end later are left out, and those that end until then count as finished;
            None takes all, of which none may be unfinished. Without an offset it is local time.
        every: forecasts every decision that the bars allow, not the newest of each symbol alone.
        max_age_days: of the newest bar, before `as_of` or now; None for any.
        max_model_age_days: from the end of the last label that was learnt from; None for any.
        cost: of a round turn, in basis points of the position's value.
        findings: what to do about doubtful bars, by code.
        now: None for the clock.
    """

    as_of: pd.Timestamp | None = None
    every: bool = False
    max_age_days: float | None = None
    max_model_age_days: float | None = None
    cost: float = 0.0
    findings: Mapping[str, Action] = field(default_factory=dict)
    now: pd.Timestamp | None = None
