"""An inspection as one HTML page: the bars with what is doubtful in them, and labelled events."""

from collections.abc import Iterator
from functools import partial

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from tribar.commands.inspect.inspection import Inspection
from tribar.commands.inspect.lines import inspection_lines
from tribar.dataset.config import LabelParams
from tribar.market.bars import Bars
from tribar.market.row_index import Times
from tribar.market.sources.times import show_time
from tribar.page import charts
from tribar.page.document import document
from tribar.page.figure import BLUE, GREY, INK, MUTED, ORANGE, WIDTH, figure
from tribar.page.html import Markup, join, shorten, tag

_MOST_SYMBOLS, _POINTS, _EVENTS = 6, 1500, 6


def inspection_page(found: Inspection, title: str, labels: LabelParams) -> str:
    """Return the page as HTML that needs nothing beside it."""
    items = (tag("li", one.line(), class_=one.action) for one in found.findings)
    findings = tag("ul", *items) if found.findings else tag("p", "None.")
    is_bars = isinstance(found.source, Bars)
    drawn = join(_symbol_figures(found)) if is_bars else ""
    events = join(_event_figures(found, labels)) if is_bars else ""
    body = tag(
        "main",
        tag("h1", title),
        tag("pre", "\n".join(inspection_lines(found, draws=False))),
        tag("h2", "Findings"),
        findings,
        tag("h2", "Bars"),
        drawn or tag("p", "A labelled table has none."),
        tag("h2", "Events"),
        tag("p", "The close around some decisions, with their barriers: dashed the prices, "
            "dotted the last bar."),
        events or tag("p", "None: prepare makes no labels of this source."),
    )  # fmt: skip
    return document(title, body, scripted=False)


def _symbol_figures(found: Inspection) -> Iterator[Markup]:
    bars = found.source
    assert isinstance(bars, Bars)
    index = bars.index
    cases = [(case.place, one.code) for one in bars.evidence for case in one.cases]
    for number, symbol in enumerate(index.symbols[:_MOST_SYMBOLS]):
        rows = index.rows(number)
        close = bars.table["close"].to_numpy()[rows]
        marks = {
            at - rows.start: code
            for at, code in cases
            if at is not None and rows.start <= at < rows.stop
        }
        draw = partial(_draw_close, time=index.time[rows], close=close, marks=marks)
        yield figure(f"Close of {symbol}", "What is doubtful is marked by its code.", draw)


def _draw_close(axes: Axes, time: Times, close: NDArray[np.float64], marks: dict[int, str]) -> None:
    kept = _extremes(close, _POINTS)
    axes.plot(time[kept], close[kept], linewidth=0.8, color=BLUE)
    if close.max() > 4 * close.min():
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_minor_formatter("{x:g}")
    for at, code in marks.items():
        axes.axvline(time[at], color=ORANGE, linewidth=0.8)
        axes.annotate(code, (time[at], close.max()), color=ORANGE, fontsize=7, rotation=90)
    charts.ruled(axes, "time", "close")


def _extremes(values: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Return at most `most` positions, in order: the lowest and the highest of each stretch."""
    if len(values) <= most:
        return np.arange(len(values))
    parts = np.array_split(np.arange(len(values)), most // 2)
    ends = [(part[values[part].argmin()], part[values[part].argmax()]) for part in parts]
    return np.unique(np.array(ends))


def _event_figures(found: Inspection, labels: LabelParams) -> Iterator[Markup]:
    bars, prepared = found.source, found.prepared
    if prepared is None or not isinstance(bars, Bars):
        return
    samples = pd.concat([prepared.development.samples, prepared.test.samples], ignore_index=True)
    for at in np.linspace(0, len(samples) - 1, min(_EVENTS, len(samples))).astype(int):
        event = samples.iloc[at]
        decided = show_time(event["decision"].tz_localize(None).to_datetime64())
        title = f"{shorten(event['symbol'])} {decided}: label {event['label']}"
        draw = partial(_draw_event, bars=bars, event=event, labels=labels)
        yield figure(title, "", draw, (WIDTH, 2.1))


def _draw_event(axes: Axes, bars: Bars, event: pd.Series, labels: LabelParams) -> None:
    index = bars.index
    rows = index.rows(index.symbols.index(event["symbol"]))
    time, close = index.time[rows], bars.table["close"].to_numpy()[rows]
    decided = int(np.searchsorted(time, event["decision"].tz_localize(None).to_datetime64()))
    ended = int(np.searchsorted(time, event["label_end"].tz_localize(None).to_datetime64()))
    seen = slice(max(decided - labels.horizon, 0), decided + labels.horizon + 3)
    axes.plot(time[seen], close[seen], color=INK, linewidth=1, marker=".", markersize=3)
    width = 1.0 if labels.barriers == "fixed" else event["volatility"] * np.sqrt(labels.horizon)
    span = (time[decided], time[min(decided + labels.horizon, len(time) - 1)])
    for price, colour in ((1 + labels.upper * width, BLUE), (1 - labels.lower * width, ORANGE)):
        level = close[decided] * price
        axes.hlines(level, *span, colors=colour, linestyles="dashed", linewidth=1)
    axes.axvline(time[decided], color=MUTED, linewidth=0.8)
    axes.axvline(time[min(ended, len(time) - 1)], color=GREY, linewidth=0.8, linestyle="dotted")
    charts.ruled(axes, "time", "close")
