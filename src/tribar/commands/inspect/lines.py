"""An inspection as lines of a terminal."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from tribar.commands.inspect.inspection import Inspection
from tribar.market.bars import Bars
from tribar.market.report import duration
from tribar.market.sources.refusal import prepare_block
from tribar.market.sources.times import show_time

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDTH, _MOST_SYMBOLS, _MOST_SHOWN = 32, 12, 3


def inspection_lines(found: Inspection, draws: bool) -> Iterator[str]:
    """Yield what the console shows; `draws` adds prices and volumes as small charts."""
    assert found.source.understanding is not None, "read from files"
    yield from found.source.understanding.lines()
    yield ""
    yield from _symbols(found, draws)
    yield ""
    if not found.findings:
        yield "findings: none"
    for one in found.findings:
        yield f"{'refused' if one.action == 'refuse' else 'warning'}: {one.line()}"
    yield ""
    if found.prepared is None:
        yield f"prepare refuses: {found.refusal}"
    else:
        warned = {f"warning: {one.line()}" for one in found.findings}
        yield from (line for line in found.prepared.report.lines() if line not in warned)
    yield ""
    yield "write in params.yaml:"
    yield prepare_block(found.block)


def _symbols(found: Inspection, draws: bool) -> Iterator[str]:
    index = found.source.index
    count = len(index.symbols)
    yield f"{count} symbol{'s' if count > 1 else ''}, {len(index)} rows"
    width = max(map(len, index.symbols[:_MOST_SYMBOLS]))
    for number, symbol in enumerate(index.symbols[:_MOST_SYMBOLS]):
        rows = index.rows(number)
        yield f"  {symbol:{width}}  {_span(found, number, rows)}{_chart(found, rows, draws)}"
        if number < _MOST_SHOWN and isinstance(found.source, Bars):
            yield from (f"  {'':{width}}  {line}" for line in _ends(found.source, rows))
    if count > _MOST_SYMBOLS:
        yield f"  and {count - _MOST_SYMBOLS} more"


def _span(found: Inspection, number: int, rows: slice) -> str:
    """Return how many rows a symbol has, from when to when, and how far they lie apart."""
    index = found.source.index
    time = index.time[rows]
    first, last = show_time(time[0]), show_time(time[-1])
    text = f"{len(time)} rows, {first} to {last}, every {duration(index.intervals[number])}"
    return f"{text}, at most {duration(np.diff(time).max())} apart" if len(time) > 1 else text


def _chart(found: Inspection, rows: slice, draws: bool) -> str:
    if not draws or not isinstance(found.source, Bars):
        return ""
    names = [name for name in ("close", "volume") if name in found.source.table]
    return "".join(f"  {sparkline(found.source.table[name].to_numpy()[rows])}" for name in names)


def _ends(bars: Bars, rows: slice) -> Iterator[str]:
    """Yield the first and the last bar of a symbol."""
    for where, at in (("first", rows.start), ("last", rows.stop - 1)):
        values = ", ".join(f"{name} {value:g}" for name, value in bars.table.iloc[at].items())
        yield f"{where} bar {show_time(bars.index.time[at])} UTC: {values}"


def sparkline(values: NDArray[np.float64], width: int = _WIDTH) -> str:
    """Return values as a line of small blocks, each the mean of some that follow each other.

    >>> sparkline(np.arange(8.0))
    '▁▂▃▄▅▆▇█'
    """
    parts: Sequence[NDArray[np.float64]] = np.array_split(values, min(width, len(values)))
    means = np.array([part.mean() for part in parts])
    low, span = means.min(), np.ptp(means) or 1.0
    heights = ((means - low) / span * (len(_BLOCKS) - 1)).round().astype(int)
    return "".join(_BLOCKS[height] for height in heights)
