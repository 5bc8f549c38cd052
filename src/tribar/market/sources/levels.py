"""Names of columns that hold a symbol too: names in two lines, or SPY.Open and Close_SPY."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from tribar.market.sources.spellings import BARS, plain

_FIELDS = frozenset(plain(name) for known, others in BARS.items() for name in (known, *others))
_CLOSES = frozenset(plain(name) for name in ("close", *BARS["close"]))
_TUPLE = re.compile(r"""\(['"](.*)['"], ['"](.*)['"]\)""")
_PARTED = re.compile(r"(.+?)[._ ](.+)")


@dataclass(frozen=True)
class Names:
    """The name of each column, and the symbol that it belongs to; "" where there is none.

    Attributes:
        names: (columns,).
        symbols: (columns,).
    """

    names: tuple[str, ...]
    symbols: tuple[str, ...]

    @classmethod
    def unnamed(cls, width: int) -> Self:
        """Return the names of `width` columns that have none."""
        return cls(("",) * width, ("",) * width)


def of_tuples(names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return a columnar file's names as rows: pandas writes names in two levels as tuples.

    >>> of_tuples(["Date", "('Close', 'SPY')"])
    [('Date', 'Close'), ('', 'SPY')]
    """
    found = [_TUPLE.fullmatch(name) for name in names]
    if not any(found):
        return [tuple(names)]
    return [
        tuple(match[1] if match else name for name, match in zip(names, found, strict=True)),
        tuple(match[2] if match else "" for match in found),
    ]


def part(rows: Sequence[Sequence[str]]) -> Names:
    """Return names and symbols of the lines above a table, each (columns,).

    >>> part([["Price", "Close", "Volume"], ["Ticker", "SPY", "SPY"], ["Date", "", ""]])
    Names(names=('Date', 'Close', 'Volume'), symbols=('', 'SPY', 'SPY'))
    >>> part([["", "SPY.Open", "SPY.Close"]])
    Names(names=('', 'Open', 'Close'), symbols=('', 'SPY', 'SPY'))
    """
    if len(rows) == 1:
        return _part_one(rows[0])
    counts = [sum(plain(cell) in _FIELDS for cell in row) for row in rows]
    fields = rows[counts.index(max(counts))]
    over_times = _over_times(rows[-1])
    is_field = [plain(cell) in _FIELDS and i != over_times for i, cell in enumerate(fields)]
    columns = list(zip(*rows, strict=True))
    names = [
        cell if field else next((one for one in reversed(column) if one), "")
        for cell, field, column in zip(fields, is_field, columns, strict=True)
    ]
    for row in rows:
        cells = [cell for cell, field in zip(row, is_field, strict=True) if field]
        if row is not fields and cells and _are_symbols(cells, fields, is_field):
            symbols = (cell if field else "" for cell, field in zip(row, is_field, strict=True))
            return Names(tuple(names), tuple(symbols))
    return Names(tuple(names), ("",) * len(names))


def _are_symbols(cells: Sequence[str], fields: Sequence[str], is_field: Sequence[bool]) -> bool:
    """Return whether cells name symbols, each of which has a close; units and dashes do not."""
    own = [field for field, one in zip(fields, is_field, strict=True) if one]
    closes = {cell for cell, field in zip(cells, own, strict=True) if plain(field) in _CLOSES}
    return set(cells) == closes and all(map(plain, cells))


def _over_times(last: Sequence[str]) -> int | None:
    """Return the column that alone has a name in the last line, as an index has."""
    named = [position for position, cell in enumerate(last) if cell]
    return named[0] if len(named) == 1 else None


def _part_one(row: Sequence[str]) -> Names:
    """Return names of which each but one, over the times, joins a symbol and a field."""
    whole = Names(tuple(row), ("",) * len(row))
    parted = [_split(name) for name in row]
    unparted = [name for name, found in zip(row, parted, strict=True) if not found]
    closes = [found for found in parted if found and plain(found[1]) in ("close", "adjusted")]
    is_plain = any(plain(name) in _FIELDS for name in row)
    if is_plain or len(unparted) != 1 or not closes:
        return whole
    return Names(
        tuple(found[1] if found else name for name, found in zip(row, parted, strict=True)),
        tuple(found[0] if found else "" for found in parted),
    )


def _split(name: str) -> tuple[str, str] | None:
    """Return the symbol and the field that a name joins."""
    for match in (_PARTED.fullmatch(name), re.fullmatch(r"(.+)[._ ](.+?)", name)):
        if match and plain(match[2]) in _FIELDS:
            return match[1], match[2]
        if match and plain(match[1]) in _FIELDS:
            return match[2], match[1]
    return None
