"""Which column of a file is what: by its parameters, by its name, or by its values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import NoReturn

from tribar.errors import UserError, listing
from tribar.market.config import ReadParams
from tribar.market.sources.cells import show_cell
from tribar.market.sources.evidence import (
    find_bars,
    has_time_of_day,
    holds_times,
    holds_times_of_day,
)
from tribar.market.sources.refusal import refuse_columns
from tribar.market.sources.spellings import (
    BARS,
    LABELLED,
    SYMBOL,
    TIME_OF_DAY,
    TIMESTAMP,
    VOLUME_IN,
    plain,
)

_MOST_GUESSED = 30
"""Columns, from the first, that are told by their values where no name tells."""


@dataclass(frozen=True)
class Columns:
    """The columns that a source may hold.

    Attributes:
        spellings: other spellings of each known name, what is preferred first.
        required: the known names that a file must have.
        keep_others: whether columns of unknown names are read, or only listed.
        remedy: for a column that is missing; "" for what to write in params.yaml.
    """

    spellings: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    keep_others: bool
    remedy: str = ""

    def rank(self, known: str, name: str) -> int | None:
        """Return how well a column's name fits a known name, 0 best; None where it does not."""
        found, spelled = plain(name), self._plain[known]
        if found in spelled:
            return spelled.index(found)
        starts = known == "volume" and found.startswith(VOLUME_IN)
        return len(spelled) if starts else None

    @cached_property
    def _plain(self) -> dict[str, list[str]]:
        return {
            known: [plain(one) for one in (known, *others)]
            for known, others in self.spellings.items()
        }


BAR_COLUMNS = Columns(
    {"symbol": SYMBOL, "timestamp": TIMESTAMP, **BARS}, ("timestamp", "close"), keep_others=False
)
FRAME_COLUMNS = replace(BAR_COLUMNS, remedy="give the columns these names")
"""Of bars that no parameter describes."""
LABELLED_COLUMNS = Columns(
    {"symbol": SYMBOL[:8], "timestamp": TIMESTAMP, **LABELLED},
    ("timestamp", "label"),
    keep_others=True,
)


@dataclass(frozen=True)
class Header:
    """The columns of one file as they stand.

    Attributes:
        path: the file.
        names: (columns,), "" where there is none.
        symbols: (columns,), the symbol in a column's name, "" where there is none.
        sample: (columns,), some cells of each.
        is_named: whether a line has names; else columns go by their positions.
    """

    path: Path
    names: tuple[str, ...]
    symbols: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    is_named: bool


@dataclass(frozen=True)
class Roles:
    """What the columns of one file are, by their positions.

    Attributes:
        columns: position by known name, and `time` for a time of day beside a date.
        others: positions of the other columns.
        symbols: of a wide table, positions by known name, by symbol.
    """

    columns: dict[str, int]
    others: tuple[int, ...]
    symbols: dict[str, dict[str, int]] = field(default_factory=dict)


def find_roles(header: Header, columns: Columns, read: ReadParams) -> Roles:
    """Return what the columns of a file are.

    Raises:
        UserError: required columns are missing, or two columns claim one name; says everything
            that is missing, and what to write in params.yaml.
    """
    given = _given(header, read)
    taken = set(given.values())
    own = _by_symbol(header, columns, taken) if not columns.keep_others else {}
    taken |= {position for found in own.values() for position in found.values()}
    free = [position for position in range(len(header.names)) if position not in taken]
    found = given | {
        known: position
        for known in columns.spellings
        if known not in given
        for position in _named(header, columns, known, free)
    }
    found |= _time_of_day(header, found)
    if read.layout == "wide" or own:
        return _wide(header, columns, found, own)
    if not header.is_named and not columns.keep_others:
        found = find_bars(header.sample[:_MOST_GUESSED]) | found
    missing = [name for name in columns.required if name not in found]
    if missing:
        is_guess_said = not (columns.keep_others or columns.remedy)
        guessed = find_bars(header.sample[:_MOST_GUESSED]) if is_guess_said else {}
        likely = {name: at for name, at in guessed.items() if at not in found.values()}
        _refuse(header, columns, missing, likely | found)
    others = tuple(i for i in range(len(header.names)) if i not in found.values())
    return Roles(found, others)


def _refuse(
    header: Header, columns: Columns, missing: Sequence[str], known: Mapping[str, int]
) -> NoReturn:
    first = tuple(next(iter(cells), "") for cells in header.sample)
    names = header.names if header.is_named else first
    if columns.remedy:
        shown = listing([show_cell(name) for name in names], most=20)
        raise UserError(
            f"{header.path}: no column is {' or '.join(missing)}; there are {shown}; "
            f"{columns.remedy}"
        )
    refuse_columns(header.path, names, missing, known, header.is_named)


def _given(header: Header, read: ReadParams) -> dict[str, int]:
    """Return the positions that the parameters give."""
    given: dict[str, int] = {}
    if read.columns == "auto":
        return given
    stripped = [name.strip() for name in header.names]
    for known, column in read.columns.items():
        if isinstance(column, int) and column <= len(stripped):
            given[known] = column - 1
        elif isinstance(column, str) and column.strip() in stripped:
            given[known] = stripped.index(column.strip())
        else:
            raise UserError(
                f"{header.path}: prepare.read.columns.{known}: there is no column {column!r}; "
                f"the file has {listing([repr(name) for name in header.names], most=20)}"
            )
    return given


def _named(header: Header, columns: Columns, known: str, free: Sequence[int]) -> list[int]:
    """Return which of the columns at `free` has the name that fits a known one best, if any."""
    ranks: dict[int, list[int]] = {}
    for position in free if header.is_named else ():
        rank = columns.rank(known, header.names[position])
        if rank is not None:
            ranks.setdefault(rank, []).append(position)
    if known == "timestamp":
        ranks = _with_times(header, ranks)
    if not ranks:
        return []
    best = ranks[min(ranks)]
    is_volume_in_units = known == "volume" and min(ranks) == len(columns.spellings[known]) + 1
    if len(best) > 1 and not is_volume_in_units:
        twins = " and ".join(repr(header.names[position]) for position in best)
        raise UserError(
            f"{header.path}: columns {twins} both mean {known}; "
            f"say which in prepare.read.columns.{known}"
        )
    return best[:1]


def _with_times(header: Header, ranks: Mapping[int, list[int]]) -> dict[int, list[int]]:
    """Return the candidates whose cells are times; where there are none, those that have a name."""
    timely = {
        rank: [i for i in positions if holds_times(header.sample[i])]
        for rank, positions in ranks.items()
    }
    named = {rank: [i for i in at if plain(header.names[i])] for rank, at in ranks.items()}
    return {rank: at for rank, at in (timely if any(timely.values()) else named).items() if at}


def _time_of_day(header: Header, found: Mapping[str, int]) -> dict[str, int]:
    """Return the position of the time of day, where it stands beside a date."""
    if "timestamp" not in found or "time" in found:
        return {}
    if has_time_of_day(header.sample[found["timestamp"]]):
        return {}
    spelled = [plain(name) for name in TIME_OF_DAY]
    beside = [
        position
        for position, name in enumerate(header.names)
        if position != found["timestamp"]
        and plain(name) in spelled
        and holds_times_of_day(header.sample[position])
    ]
    return {"time": beside[0]} if beside else {}


def _by_symbol(header: Header, columns: Columns, taken: set[int]) -> dict[str, dict[str, int]]:
    """Return the positions of each symbol's columns, where names hold the symbol too."""
    own: dict[str, list[int]] = {symbol: [] for symbol in header.symbols if symbol}
    for position, symbol in enumerate(header.symbols):
        if symbol and position not in taken:
            own[symbol].append(position)
    return {
        symbol: {
            known: position for known in BARS for position in _named(header, columns, known, free)
        }
        for symbol, free in own.items()
    }


def _wide(
    header: Header,
    columns: Columns,
    found: Mapping[str, int],
    own: Mapping[str, dict[str, int]],
) -> Roles:
    """Return the roles of a table in which each symbol has columns, or a column of closes."""
    shared = {name: found[name] for name in ("timestamp", "time") if name in found}
    without = [symbol for symbol, positions in own.items() if "close" not in positions]
    missing = [name for name in ("timestamp",) if name not in shared]
    if missing or without:
        missing += [f"close of {symbol}" for symbol in without]
        _refuse(header, columns, missing, shared)
    rest = [i for i, name in enumerate(header.names) if i not in shared.values() and name]
    symbols = dict(own) or {header.names[i]: {"close": i} for i in rest}
    used = {position for positions in symbols.values() for position in positions.values()}
    return Roles(shared, tuple(i for i in rest if i not in used), symbols)
