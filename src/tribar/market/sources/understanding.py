"""How a source was understood, in words and as the block of params.yaml that pins it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tribar.errors import listing
from tribar.market.sources.number_format import PLAIN, show
from tribar.market.sources.ordering import Ordering
from tribar.market.sources.raw_table import RawTables, Reading
from tribar.market.sources.spellings import OPENS, plain
from tribar.market.sources.time_format import EPOCH, ISO

_SIGNS = {"\t": "tab", " ": "space"}


@dataclass(frozen=True)
class Understanding:
    """How a source was read.

    Attributes:
        path: the source.
        files: names of its files.
        reading: of its first file.
        alike: whether all files are written like the first.
        date_formats: ways in which times are written; "" for a column of times.
        timezone: of times without an offset.
        symbol_from: where symbols come from: column, file, or a pattern.
    """

    path: Path
    files: tuple[str, ...]
    reading: Reading
    alike: bool
    date_formats: tuple[str, ...]
    timezone: str
    symbol_from: str

    def lines(self) -> Iterator[str]:
        """Yield what was understood, in words."""
        one = self.reading
        files = "" if len(self.files) == 1 else f"{len(self.files)} files ({listing(self.files)}), "
        alike = "" if self.alike else "written differently; the first: "
        yield f"{self.path}: {files}{alike}{_how(one)}"
        found = ", ".join(f"{name} from {column!r}" for name, column in one.columns.items())
        layout = "each symbol has columns of its own; " if one.wide else ""
        yield f"columns: {layout}{found}" + (
            f"; not read: {listing(one.unknown, most=20)}" if one.unknown else ""
        )
        if one.outside:
            yield f"no part of the table: {listing([repr(line[:100]) for line in one.outside])}"
        forms = listing([form or "a column of times" for form in self.date_formats])
        opens = "; by its name it opens the bar (stamps: start)" if self.opens else ""
        yield f"times: {forms}; those without an offset are in {self.timezone}{opens}"

    def block(self) -> dict[str, Any]:
        """Return the parameters under `prepare` that pin what was found."""
        found: dict[str, Any] = {"source": str(self.path), "read": self._read()}
        return found | ({"stamps": "start"} if self.opens else {})

    @property
    def opens(self) -> bool:
        """Return whether the column of times is named as one of times that bars open at."""
        time = self.reading.columns.get("timestamp", "")
        return isinstance(time, str) and plain(time) in map(plain, OPENS)

    def _read(self) -> dict[str, Any]:
        one = self.reading
        found: dict[str, Any] = {"symbol_from": self.symbol_from}
        if one.wide:
            # Names that hold a symbol too are parted again at each reading.
            return found
        if self.alike:
            found["columns"] = dict(one.columns)
        if self.alike and one.separator:
            found |= {
                "encoding": one.encoding,
                "separator": _SIGNS.get(one.separator, one.separator),
                "header": one.header[0] if len(one.header) == 1 else list(one.header) or "none",
            }
            if one.numbers != PLAIN:
                found["decimal"] = one.numbers.decimal
        form = self.date_formats[0]
        if len(self.date_formats) == 1 and form not in ("", ISO, EPOCH):
            found["date_format"] = form
        return found


def understand(raw: RawTables, ordering: Ordering) -> Understanding:
    """Return how a source was read."""
    first, *others = (table.reading for table in raw.tables)
    choice = raw.read.symbol_from
    if choice == "auto":
        choice = "column" if "symbol" in raw.tables[0].data.column_names else "auto"
    return Understanding(
        path=raw.path,
        files=tuple(table.path.name for table in raw.tables),
        reading=first,
        alike=all(_written(one) == _written(first) for one in others),
        date_formats=tuple(dict.fromkeys(ordering.date_formats)),
        timezone=ordering.timezone,
        symbol_from=choice,
    )


def _written(one: Reading) -> tuple[object, ...]:
    return (one.columns, one.encoding, one.separator, one.header, one.numbers)


def _how(one: Reading) -> str:
    if not one.separator:
        return "a columnar file"
    named = f"names in line {listing(one.header)}" if one.header else "no line with names"
    sign = _SIGNS.get(one.separator, repr(one.separator))
    marks = "" if one.numbers == PLAIN else f", numbers with {show(one.numbers)}"
    return f"text in {one.encoding}, cells parted by {sign}, {named}{marks}"
