"""An inspection as one HTML page: the bars with what is doubtful in them, and labelled events."""

import html
import io
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter
from numpy.typing import NDArray

from tribar.commands.inspect.inspection import Inspection
from tribar.commands.inspect.lines import inspection_lines
from tribar.dataset.config import LabelParams
from tribar.market.bars import Bars
from tribar.market.row_index import Times
from tribar.market.sources.times import show_time

_MOST_SYMBOLS, _POINTS, _EVENTS = 6, 1500, 6
_METADATA = ("Date", "Creator", "Format", "Type")
_STYLE: Any = {
    "date.converter": "concise",
    "svg.fonttype": "none",
    "svg.hashsalt": "tribar",
    "text.parse_math": False,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
color: #1a1a1a; background: #fff; }}
pre {{ white-space: pre-wrap; overflow-wrap: anywhere; background: #f4f4f2; padding: 1rem; }}
figure {{ margin: 1.5rem 0; }} svg {{ width: 100%; height: auto; }}
.refuse {{ color: #a11; }}
</style></head><body>
<h1>{title}</h1>
<pre>{lines}</pre>
<h2>Findings</h2>
{findings}
<h2>Bars</h2>
{bars}
<h2>Events</h2>
<p>The close around some decisions, with their barriers: dashed the prices, dotted the last bar.</p>
{events}
</body></html>
"""


def inspection_page(found: Inspection, title: str, labels: LabelParams) -> str:
    """Return the page as HTML that needs nothing beside it."""
    lines = "\n".join(inspection_lines(found, draws=False))
    items = "".join(
        f'<li class="{one.action}">{html.escape(one.line())}</li>' for one in found.findings
    )
    drawn = list(_symbol_figures(found)) if isinstance(found.source, Bars) else []
    events = list(_event_figures(found, labels)) if isinstance(found.source, Bars) else []
    return _PAGE.format(
        title=html.escape(title),
        lines=html.escape(lines),
        findings=f"<ul>{items}</ul>" if items else "<p>None.</p>",
        bars="".join(drawn) or "<p>A labelled table has none.</p>",
        events="".join(events) or "<p>None: prepare makes no labels of this source.</p>",
    )


def _symbol_figures(found: Inspection) -> Iterator[str]:
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
        yield _figure(f"close of {symbol}", draw)


def _draw_close(axes: Axes, time: Times, close: NDArray[np.float64], marks: dict[int, str]) -> None:
    kept = _extremes(close, _POINTS)
    axes.plot(time[kept], close[kept], linewidth=0.8, color="#345")
    if close.max() > 4 * close.min():
        axes.set_yscale("log")
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_minor_formatter(StrMethodFormatter("{x:g}"))
    for at, code in marks.items():
        axes.axvline(time[at], color="#c33", linewidth=0.8)
        axes.annotate(code, (time[at], close.max()), color="#c33", fontsize=7, rotation=90)


def _extremes(values: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Return at most `most` positions, in order: the lowest and the highest of each stretch."""
    if len(values) <= most:
        return np.arange(len(values))
    parts = np.array_split(np.arange(len(values)), most // 2)
    ends = [(part[values[part].argmin()], part[values[part].argmax()]) for part in parts]
    return np.unique(np.array(ends))


def _event_figures(found: Inspection, labels: LabelParams) -> Iterator[str]:
    bars, prepared = found.source, found.prepared
    if prepared is None or not isinstance(bars, Bars):
        return
    samples = pd.concat([prepared.development.samples, prepared.test.samples], ignore_index=True)
    for at in np.linspace(0, len(samples) - 1, min(_EVENTS, len(samples))).astype(int):
        event = samples.iloc[at]
        decided = show_time(event["decision"].tz_localize(None).to_datetime64())
        title = f"{event['symbol']} {decided}: label {event['label']}"
        yield _figure(title, partial(_draw_event, bars=bars, event=event, labels=labels))


def _draw_event(axes: Axes, bars: Bars, event: pd.Series, labels: LabelParams) -> None:
    index = bars.index
    rows = index.rows(index.symbols.index(event["symbol"]))
    time, close = index.time[rows], bars.table["close"].to_numpy()[rows]
    decided = int(np.searchsorted(time, event["decision"].tz_localize(None).to_datetime64()))
    ended = int(np.searchsorted(time, event["label_end"].tz_localize(None).to_datetime64()))
    seen = slice(max(decided - labels.horizon, 0), decided + labels.horizon + 3)
    axes.plot(time[seen], close[seen], color="#345", linewidth=1, marker=".", markersize=3)
    width = 1.0 if labels.barriers == "fixed" else event["volatility"] * np.sqrt(labels.horizon)
    span = (time[decided], time[min(decided + labels.horizon, len(time) - 1)])
    for price in (1 + labels.upper * width, 1 - labels.lower * width):
        axes.hlines(close[decided] * price, *span, colors="#c33", linestyles="dashed", linewidth=1)
    axes.axvline(time[decided], color="#999", linewidth=0.8)
    axes.axvline(time[min(ended, len(time) - 1)], color="#999", linewidth=0.8, linestyle="dotted")


def _figure(title: str, draw: Callable[[Axes], None]) -> str:
    """Return a drawing as SVG within a figure of HTML."""
    with rc_context(_STYLE):
        figure = Figure(figsize=(9, 2.6), layout="constrained")
        axes = figure.add_subplot()
        axes.set_title(title, loc="left", fontsize=10)
        draw(axes)
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata=dict.fromkeys(_METADATA))
    drawing = text.getvalue()
    drawing = drawing[drawing.index("<svg") :]
    return f'<figure role="img" aria-label="{html.escape(title, quote=True)}">{drawing}</figure>\n'
