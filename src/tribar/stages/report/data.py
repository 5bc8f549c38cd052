"""The data: prices and splits, decisions with their barriers, class shares, what was dropped."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from numpy.typing import NDArray

from tribar.page import charts
from tribar.page.figure import BLUE, GREY, INK, LINE, MUTED, ORANGE, figure
from tribar.page.html import (
    Markup,
    join,
    listed,
    phrase,
    proper_name,
    shorten,
    table,
    tag,
)
from tribar.stages.report.elements import chart, cited, grid, numbers_in, section, when
from tribar.stages.report.numbers import show
from tribar.stages.report.results import Lines, Record, Results, Row

_SPLITS = ("train", "validation", "test")
_LABELS = {"-1": "lower barrier", "0": "neither", "1": "upper barrier"}


def data(results: Results) -> Markup:
    """Return the section."""
    prepared = results.record("prepare/metrics.json")
    return section(
        "data",
        "The data",
        _findings(prepared.part("findings")),
        grid(*_overview(results, prepared)),
        _splits(prepared.part("splits")),
        _dropped(prepared.part("dropped")),
        tag("h3", "Some training decisions"),
        tag("p", "The label is the barrier that is touched first; the large dot is where it ends.")
        if results.lines("prepare/events.csv").rows
        else "",
        grid(*_events(results), small=True),
    )


def _overview(results: Results, prepared: Record) -> list[Markup]:
    closes, shares = results.lines("prepare/closes.csv"), results.lines("prepare/shares.csv")
    drawn = chart(
        "Class shares through time",
        "The shares of the labels drift, which no model knows in advance. Blue: upper barrier; "
        "grey: neither; orange: lower.",
        shares.path,
        partial(_draw_shares, shares=shares),
    )
    if not closes.rows:
        return [drawn]
    borders = prepared.part("splits")
    price = chart(
        "Closes and splits",
        "What is learnt from lies left of the first line, what chooses between the lines, what "
        "judges right of the second. The first close is 1.",
        closes.path,
        partial(_draw_closes, closes=closes, borders=borders),
    )
    return [price, drawn]


def _draw_closes(axes: Axes, closes: Lines, borders: Record) -> None:
    styles = zip(dict.fromkeys(closes.texts("symbol")), (BLUE, ORANGE, GREY, INK), strict=False)
    for symbol, colour in styles:
        own = closes.where(symbol=symbol)
        close, time = own.values("close"), _times(own.texts("time"))
        axes.plot(time, close / close[0], color=colour, linewidth=1, label=shorten(symbol))
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    ends = _times([borders.part(split).text("first_decision") for split in _SPLITS])
    for first in ends[1:]:
        axes.axvline(first, color=MUTED, linewidth=1, linestyle="dashed")
    charts.ruled(axes, "time", "close, relative")
    axes.legend(loc="lower right")


def _draw_shares(axes: Axes, shares: Lines) -> None:
    place, below = np.arange(len(shares.rows)), np.zeros(len(shares.rows))
    for name, colour in (("down", ORANGE), ("flat", GREY), ("up", BLUE)):
        part = 100 * shares.values(name)
        axes.bar(place, part, bottom=below, color=colour, width=0.82, label=name)
        below = below + part
    every = max(1, len(place) // 6)
    axes.set_xticks(place[::every], shares.texts("period")[::every])
    charts.ruled(axes, "period of the decision", "share of the labels, %")


def _events(results: Results) -> Iterator[Markup]:
    bars, events = results.lines("prepare/event_bars.csv"), results.lines("prepare/events.csv")
    for event in events.rows:
        symbol = proper_name(shorten(event.text("symbol")))
        yield figure(
            phrase(symbol, ", ", when(event, "decision")),
            f"Touches first: {_LABELS[event.text('label')]}.",
            partial(_draw_event, event=event, bars=bars.where(event=event.text("event"))),
            (3.7, 2.3),
            numbers_in(bars.path),
        )


def _draw_event(axes: Axes, event: Row, bars: Lines) -> None:
    after, close = bars.values("bars_after"), bars.values("close")
    before, later = after <= 0, after >= 0
    axes.plot(after[before], close[before], color=GREY)
    axes.plot(after[later], close[later], color=INK, marker=".", markersize=4)
    span = (0.0, float(after.max()))
    for key, colour in (("upper", BLUE), ("lower", ORANGE)):
        axes.hlines(event.number(key).value, *span, colors=colour, linestyles="dashed")
    axes.axvline(0, color=LINE)
    ended = after == event.number("bars_to_end").value
    axes.plot(after[ended], close[ended], "o", color=INK, markersize=7)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    charts.ruled(axes, "bars after the decision", "close")


def _times(texts: list[str]) -> NDArray[np.datetime64]:
    return pd.to_datetime(texts, utc=True).tz_localize(None).to_numpy()


def _splits(splits: Record) -> Markup:
    head = ("Split", "Decisions", "Effective", "From", "To", "Lower", "Neither", "Upper")
    rows = []
    for name in _SPLITS:
        one = splits.part(name)
        shares = [show(one.number("class_shares", label), ".1%") for label in _LABELS]
        sizes = [show(one.number("samples")), show(one.number("effective_samples"))]
        ends = [when(one, "first_decision"), when(one, "last_decision")]
        rows.append([name, *sizes, *ends, *shares])
    caption = "Splits, in order of time; effective counts labels that overlap by their uniqueness"
    return table(caption, head, rows)


def _dropped(dropped: Record) -> Markup:
    counts = [
        join([show(one.number()), " ", reason.replace("_", " ")])
        for reason, one in dropped.items()
        if one.content
    ]
    found = join(counts, ", ") if counts else "none"
    return tag("p", "Rows that make no decision: ", found, ". ", numbers_in("prepare/metrics.json"))


def _findings(findings: Record) -> Markup:
    if not findings.content:
        return tag("p", "prepare found nothing doubtful in the source.")
    items = (_finding(one) for one in findings.listed()[:20])
    return join([tag("p", "Doubtful in the source:"), listed(items)])


def _finding(one: Record) -> Markup:
    said = [cited(one.part(key)) for key in ("evidence", "consequence", "remedy")]
    head = tag("b", cited(one.part("code")), " ", cited(one.part("rule")))
    return phrase(head, ": ", join(said, "; "))
