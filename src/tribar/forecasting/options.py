"""What is asked of a forecast."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd

from tribar.errors import UserError
from tribar.market.findings.rules import Action
from tribar.market.sources.cells import show_cell


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


def read_time(text: str, where: str) -> pd.Timestamp:
    """Return a time that is written in ISO 8601.

    >>> read_time("2024-05-31T16:00+02:00", "as_of")
    Timestamp('2024-05-31 16:00:00+0200', tz='UTC+02:00')

    Raises:
        UserError: it is none; says `where` it stands.
    """
    try:
        return pd.Timestamp(datetime.fromisoformat(text)).as_unit("ns")
    except ValueError:
        raise UserError(
            f"{where}: {show_cell(text)} is no time; write one such as 2024-05-31T16:00+02:00"
        ) from None
