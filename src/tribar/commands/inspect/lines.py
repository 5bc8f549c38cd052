"""An inspection as lines of a terminal."""

from collections.abc import Iterator, Sequence

import numpy as np
import yaml
from numpy.typing import NDArray

from tribar.commands.inspect.inspection import Inspection
from tribar.market.report import duration
from tribar.market.sources.bars import Bars
from tribar.market.sources.times import show_time

_BLOCKS = "▁▂▃▄▅▆▇█"
_WIDTH, _MOST_SYMBOLS = 32, 12


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
    yield yaml_block(found)


def yaml_block(found: Inspection) -> str:
    """Return the lines of params.yaml that pin how the source was read."""
    tree = {"prepare": dict(found.block)}
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=1000).rstrip()


def _symbols(found: Inspection, draws: bool) -> Iterator[str]:
    source, index = found.source, found.source.index
    names = [f"{len(index.symbols)} symbols" if len(index.symbols) > 1 else "1 symbol"]
    yield f"{names[0]}, {len(index)} rows"
    width = max(map(len, index.symbols[:_MOST_SYMBOLS]))
    for number, symbol in enumerate(index.symbols[:_MOST_SYMBOLS]):
        rows = slice(int(index.starts[number]), int(index.starts[number + 1]))
        first, last = (show_time(index.time[at]) for at in (rows.start, rows.stop - 1))
        every = duration(index.intervals[number])
        line = (
            f"  {symbol:{width}}  {rows.stop - rows.start} rows, {first} to {last}, every {every}"
        )
        if draws and isinstance(source, Bars):
            line += f"  {sparkline(source.table['close'].to_numpy()[rows])}"
            if "volume" in source.table:
                line += f"  {sparkline(source.table['volume'].to_numpy()[rows])}"
        yield line
    if len(index.symbols) > _MOST_SYMBOLS:
        yield f"  and {len(index.symbols) - _MOST_SYMBOLS} more"
    if isinstance(source, Bars):
        yield from (f"  {where}: {text}" for where, text in _ends(source))


def _ends(bars: Bars) -> Iterator[tuple[str, str]]:
    """Yield the first and the last bar of the first symbol."""
    for where, at in (("first bar", 0), ("last bar", int(bars.index.starts[1]) - 1)):
        values = ", ".join(f"{name} {value:g}" for name, value in bars.table.iloc[at].items())
        yield where, f"{show_time(bars.index.time[at])} UTC: {values}"


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
