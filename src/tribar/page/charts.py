"""The kinds of chart that pages have, each drawn onto axes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tribar.page.figure import BLUE, GREY, INK, LINE, MUTED, ORANGE
from tribar.page.html import shorten

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Spans:
    """Values with their intervals, by name.

    Attributes:
        names: of the lines.
        value: (lines,), NaN where there is none.
        low: (lines,), lower end of the intervals.
        high: (lines,), upper end.
    """

    names: Sequence[str]
    value: Values
    low: Values
    high: Values


def intervals(axes: Axes, spans: Spans, label: str, good: int = -1) -> None:
    """Draw a value and its interval a line, from the top; those apart from 0 have colour.

    Args:
        axes: to draw onto.
        spans: what to draw.
        label: of the values' axis, with their unit.
        good: the sign of what is wanted, which is blue; the other is orange.
    """
    named(axes, spans.names, label)
    below, above = (BLUE, ORANGE) if good < 0 else (ORANGE, BLUE)
    axes.axvline(0, color=MUTED, linewidth=1)
    for at, (one, low, high) in enumerate(zip(spans.value, spans.low, spans.high, strict=True)):
        colour = below if high < 0 else above if low > 0 else GREY
        axes.plot((low, high), (at, at), color=colour, linewidth=2.2, solid_capstyle="round")
        axes.plot([one], [at], marker="o", markersize=5.5, color=colour)


def bars(axes: Axes, names: Sequence[str], value: Values, label: str) -> None:
    """Draw a bar a name, from the top, with its value at the end of it."""
    named(axes, names, label)
    axes.barh(np.arange(len(names)), value, color=BLUE, height=0.62)
    axes.axvline(0, color=MUTED, linewidth=0.8)


def named(axes: Axes, names: Sequence[str], label: str) -> None:
    """Give each line a name, from the top, and the values' axis a label with their unit."""
    axes.set_yticks(np.arange(len(names)), [shorten(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0, labelcolor=INK)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_xlabel(label)


def ruled(axes: Axes, across: str, up: str) -> None:
    """Name both axes and rule the plot lightly."""
    axes.set_xlabel(across)
    axes.set_ylabel(up)
    axes.grid(axis="y", color=LINE, linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
