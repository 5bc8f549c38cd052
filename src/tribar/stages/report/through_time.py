"""The lead of the best model as it grew through the test split."""

from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from tribar.page import charts
from tribar.page.figure import BLUE, MUTED, ORANGE
from tribar.page.html import Markup
from tribar.stages.report.elements import called, chart
from tribar.stages.report.results import Results

_POINTS = 200


def through_time(results: Results, rival: str) -> Markup:
    """Return the figure: sums of differences over decision times, against prior and a rival."""
    others = list(dict.fromkeys(("prior", rival)))
    path = "evaluate/losses.csv"
    losses = results.frame(path, ["decision", "decisions", "best", *others])
    sums = {other: ((losses["best"] - losses[other]) * losses["decisions"]).cumsum()
            for other in others}  # fmt: skip
    at = np.unique(np.linspace(0, len(losses) - 1, min(_POINTS, len(losses))).astype(int))
    time = pd.to_datetime(losses["decision"].iloc[at], utc=True).dt.tz_localize(None)
    lines = {called(other): one.iloc[at].round(2).to_numpy() for other, one in sums.items()}
    return chart(
        "The lead through time",
        "Where the line falls the best model was better. A lead that came from a few weeks is "
        "no habit.",
        path,
        partial(_draw, time=time, lines=lines),
        3.3,
    )


def _draw(axes: Axes, time: "pd.Series[pd.Timestamp]", lines: dict[str, charts.Values]) -> None:
    axes.axhline(0, color=MUTED, linewidth=0.8)
    for (other, values), colour in zip(lines.items(), (BLUE, ORANGE), strict=False):
        axes.plot(time, values, color=colour, label=f"minus {other}")
    axes.legend(loc="best")
    charts.ruled(axes, "time of the decision", "sum of differences, nats")
