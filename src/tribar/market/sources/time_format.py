"""How a column writes its times, told by all of its cells."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tribar.market.row_index import Times

_DATES = (
    *("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%Y_%m_%d"),
    *("%m/%d/%Y", "%d/%m/%Y", "%m/%d/%y", "%d/%m/%y"),
    *("%m-%d-%Y", "%d-%m-%Y", "%m-%d-%y", "%d-%m-%y"),
    *("%d.%m.%Y", "%m.%d.%Y", "%d.%m.%y", "%m.%d.%y"),
    *("%d-%b-%Y", "%d-%b-%y", "%d %b %Y", "%d %B %Y", "%d/%b/%Y", "%Y-%b-%d", "%d%b%Y"),
    *("%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%a %b %d %Y", "%a, %d %b %Y", "%a %d %b %Y"),
)
_CLOCKS = (
    *("", "%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%H%M", "%H%M%S", "%H%M%S%f"),
    *("%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I-%p", "%I %p", "%H"),
)
_ISO_CLOCKS = {
    "": "",
    "%H:%M": r" +\d{1,2}:\d\d",
    "%H:%M:%S": r" +\d{1,2}:\d\d:\d\d",
    "%H:%M:%S.%f": r" +\d{1,2}:\d\d:\d\d\.\d+",
}
"""Times of day that ISO 8601 reads as they stand, as regular expressions."""
_BETWEEN = (" ", "T", "  ", ", ", ":")
_ZONE = r"(?:Z|[+-]\d\d?(?::?\d\d)?)"
_ZONED = rf".*[T \d]\d.*:\d\d(?:\.\d+)?\s?{_ZONE}"
_EPOCH = r"\d{9,10}|\d{12,13}|\d{15,16}|[0-8]?\d{18}"
_EPOCH_UNITS = {9: "s", 10: "s", 12: "ms", 13: "ms", 15: "us", 16: "us", 18: "ns", 19: "ns"}
"""From 1973 to 2286 the number of digits tells the unit; eight digits are an ISO 8601 date."""
_EARLIEST, _LATEST = (t.tz_localize("UTC") for t in (pd.Timestamp.min, pd.Timestamp.max))
_CELLS_TO_GUESS_BY, _CELLS_TO_TRY = 12, 5000
ISO, EPOCH = "ISO 8601", "epoch"


@dataclass(frozen=True)
class ParsedTimes:
    """The times that distinct texts mean, in one way of reading them.

    Attributes:
        format: ISO, EPOCH, a unit of epochs, or as strptime has it.
        time: (texts,), NaT for a text that means none; local where it has no zone.
        absolute: (texts,), whether a text says which moment it is: it has an offset, or counts
            since 1970.
        zone: the name of the time zone that every text ends in, or "".
    """

    format: str
    time: Times
    absolute: NDArray[np.bool_]
    zone: str = ""

    @property
    def found(self) -> int:
        """Return how many texts mean a time."""
        return int((~np.isnat(self.time)).sum())


def parse_times(texts: "pd.Series[str]", date_format: str) -> list[ParsedTimes]:
    """Return the readings of distinct texts that fit most of them and differ from each other.

    >>> [one.format for one in parse_times(pd.Series(["01/02/2020", "13/02/2020"]), "auto")]
    ['%d/%m/%Y']
    >>> [one.format for one in parse_times(pd.Series(["01/02/2020"]), "auto")]
    ['%m/%d/%Y', '%d/%m/%Y']
    """
    is_filled = (texts != "").to_numpy(bool)
    filled = texts[is_filled]
    if date_format != "auto":
        return [_expand(is_filled, _parse(_Cells.of(filled), date_format))]
    iso = _iso(filled)
    if iso.found == len(filled):
        return [_expand(is_filled, iso)]
    epoch = _epoch(filled)
    if epoch and epoch.found == len(filled):
        return [_expand(is_filled, epoch)]
    simple = [iso, epoch] if epoch else [iso]
    cells = _Cells.of(filled)
    readings = [*simple, *(_parse(cells, form) for form in _likely(cells))]
    most = max((one.found for one in readings), default=0)
    best: list[ParsedTimes] = []
    for one in readings:
        if one.found == most and all(_differ(one, other) for other in best):
            best.append(one)
    return [_expand(is_filled, one) for one in best]


def is_date_format(text: str) -> bool:
    """Return whether a text is a unit of epochs, or tells year, month and day as strptime has it.

    >>> is_date_format("ms"), is_date_format("%d.%m.%Y"), is_date_format("DD/MM/YYYY")
    (True, True, False)
    """
    if text in _EPOCH_UNITS.values():
        return True
    moment = datetime(2021, 11, 23, 14, 45, 36)
    try:
        return datetime.strptime(moment.strftime(text), text).date() == moment.date()
    except ValueError:
        return False


def _iso(texts: "pd.Series[str]") -> ParsedTimes:
    cells = pa.array(texts, pa.string())
    dated, zoned = (
        pc.match_substring_regex(cells, pattern).to_numpy(zero_copy_only=False)
        for pattern in (r"^\d", f"^(?:{_ZONED})$")
    )
    parsed = pd.to_datetime(texts.where(dated), format="ISO8601", utc=True, errors="coerce")
    return ParsedTimes(ISO, _within(parsed), zoned)


def _epoch(texts: "pd.Series[str]") -> ParsedTimes | None:
    """Return texts read as counts since 1970, each in the unit that its digits tell."""
    whole = texts.str.replace(r"\.0*$", "", regex=True)
    if 2 * whole.str.fullmatch(_EPOCH).sum() <= len(texts):
        return None
    parsed = pd.Series(pd.NaT, texts.index, dtype="datetime64[ns, UTC]")
    for unit in dict.fromkeys(_EPOCH_UNITS.values()):
        chosen = whole.str.len().map(_EPOCH_UNITS).eq(unit) & whole.str.fullmatch(_EPOCH)
        if chosen.any():
            parsed[chosen] = _since_1970(whole[chosen], unit)
    return ParsedTimes(EPOCH, _within(parsed), np.ones(len(texts), bool))


def _since_1970(counts: "pd.Series[str]", unit: str) -> "pd.Series[pd.Timestamp]":
    since = counts.astype("int64").to_numpy().astype(f"datetime64[{unit}]")
    return pd.Series(since, counts.index).dt.tz_localize("UTC").dt.as_unit("ns")


def epoch_units(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Return the unit that each count since 1970 is in, by its digits."""
    return texts.str.replace(r"\.0*$", "", regex=True).str.len().map(_EPOCH_UNITS)


@dataclass(frozen=True)
class _Cells:
    """Texts as they stand, and with their zones in one way of writing.

    Attributes:
        whole: as they stand.
        texts: without a time zone's name; offsets as +0100.
        zone: the name that every text ended in, or "".
        has_offsets: whether the texts end in offsets.
    """

    whole: "pd.Series[str]"
    texts: "pd.Series[str]"
    zone: str
    has_offsets: bool

    @classmethod
    def of(cls, texts: "pd.Series[str]") -> Self:
        """Return texts with their zones found."""
        named = texts.str.extract(r"\s([A-Z][A-Za-z]+/[A-Za-z_/]+)$")[0]
        if named.nunique(dropna=False) == 1 and named.notna().any():
            plain = texts.str.replace(r"\s\S+$", "", regex=True)
            return cls(texts, plain, str(named.iloc[0]), has_offsets=False)
        offset = _replace(texts, r"\s*(?:UTC|GMT)?([+-]\d\d):?(\d\d)$", r"\1\2")
        offset = _replace(offset, r"\s*(?:UTC|GMT|Z)$", "+0000")
        has_offsets = offset.str.match(r".*:\d\d(?:\.\d+)?[+-]\d{4}$").any()
        return cls(texts, offset if has_offsets else texts, "", bool(has_offsets))

    def some(self, most: int) -> Self:
        """Return at most about so many of the texts, evenly spaced."""
        step = max(len(self.texts) // most, 1)
        return replace(self, whole=self.whole.iloc[::step], texts=self.texts.iloc[::step])


def _replace(texts: "pd.Series[str]", pattern: str, by: str) -> "pd.Series[str]":
    found = pc.replace_substring_regex(pa.array(texts, pa.string()), pattern, by)
    return pd.Series(found.to_pandas().to_numpy(), texts.index, dtype="str")


def _parse(cells: _Cells, form: str) -> ParsedTimes:
    """Return texts read in one format."""
    if form in _EPOCH_UNITS.values():
        whole = cells.whole.str.fullmatch(r"\d{1,18}(?:\.0*)?")
        counts = cells.whole[whole].str.replace(r"\.0*$", "", regex=True)
        parsed = _since_1970(counts, form).reindex(cells.whole.index)
        return ParsedTimes(form, _within(parsed), np.ones(len(cells.whole), bool))
    zoned = f"{form}%z" if cells.has_offsets and "%z" not in form else form
    swapped = _as_iso(cells.texts, form)
    if swapped is None:
        # pandas takes "now" and "today" for times.
        kept = cells.texts.where(cells.texts.str.contains(r"\d"))
        parsed = pd.to_datetime(kept, format=zoned, utc=True, errors="coerce")
    else:
        parsed = pd.to_datetime(swapped, format="ISO8601", utc=True, errors="coerce")
    absolute = np.full(len(cells.texts), "%z" in zoned)
    return ParsedTimes(form, _within(parsed), absolute, cells.zone)


def _as_iso(texts: "pd.Series[str]", form: str) -> "pd.Series[str] | None":
    """Return texts with the date in the order of ISO 8601, which is read far faster.

    Texts of another form are None; it is None at all where the form has no such twin.
    """
    date, _, clock = form.partition(" ")
    order = re.findall(r"%(\w)", date)
    if sorted(order) != ["Y", "d", "m"] or clock not in _ISO_CLOCKS or date == "%Y%m%d":
        return None
    digits = {"Y": r"(\d{4})", "m": r"(\d{1,2})", "d": r"(\d{1,2})"}
    pattern = re.sub(r"%(\w)", lambda found: digits[found[1]], re.escape(date).replace(r"\%", "%"))
    zone = r"(?:[+-]\d{4})?"
    pattern = f"^{pattern}({_ISO_CLOCKS[clock]}{zone})$"
    places = "-".join(f"\\{order.index(part) + 1}" for part in "Ymd")
    fits = texts.str.match(pattern)
    return _replace(texts, pattern, f"{places}\\4").where(fits)


def _formats(cells: _Cells) -> Iterator[str]:
    """Yield the known formats that some of the texts are written in."""
    some = cells.some(_CELLS_TO_GUESS_BY).texts
    plain = list(some.str.replace(r"[+-]\d{4}$", "", regex=True) if cells.has_offsets else some)
    for date in _DATES:
        fitting = [cell for cell in plain if _begins(cell, date)]
        for clock in _CLOCKS if fitting else ():
            for between in _BETWEEN if clock else ("",):
                form = f"{date}{between}{clock}"
                if any(_fits(cell, form) for cell in fitting):
                    yield form


def _likely(cells: _Cells) -> list[str]:
    """Return the formats that fit some thousand texts, or all known ones where none fits these."""
    forms = list(_formats(cells))
    few = cells.some(_CELLS_TO_TRY)
    fitting = [form for form in forms if _parse(few, form).found == len(few.texts)]
    return fitting or forms


def _begins(cell: str, date: str) -> bool:
    """Return whether a cell may begin with a date of some form: the signs between are the same."""
    signs = re.sub(r"%.", r"\\w+", re.escape(date).replace(r"\%", "%")).replace("%", "")
    return re.match(signs, cell) is not None


def _fits(cell: str, form: str) -> bool:
    try:
        datetime.strptime(cell, form)
    except ValueError:
        return False
    return True


def _within(parsed: "pd.Series[pd.Timestamp]") -> Times:
    """Return times in nanoseconds without a zone, NaT for those that nanoseconds cannot tell."""
    kept = parsed.where(parsed.between(_EARLIEST, _LATEST))
    values: Times = kept.to_numpy(np.dtype("M8[ns]"))
    return values


def _differ(one: ParsedTimes, other: ParsedTimes) -> bool:
    return not np.array_equal(one.time, other.time, equal_nan=True)


def _expand(filled: NDArray[np.bool_], parsed: ParsedTimes) -> ParsedTimes:
    """Return a reading of the texts that are not empty as one of all texts."""
    time = np.full(len(filled), np.datetime64("NaT", "ns"))
    absolute = np.zeros(len(filled), bool)
    time[filled], absolute[filled] = parsed.time, parsed.absolute
    return ParsedTimes(parsed.format, time, absolute, parsed.zone)


def join_clock(dates: "pd.Series[str]", clocks: "pd.Series[str]") -> "pd.Series[str]":
    """Return dates and times of day in one text; a time of digits alone is filled with zeros.

    >>> join_clock(pd.Series(["20200102"]), pd.Series(["93000"])).tolist()
    ['20200102 093000']
    """
    if clocks.str.fullmatch(r"\d*").all():
        clocks = clocks.str.zfill(6 if clocks.str.len().max() > 4 else 4)
    return dates + " " + clocks
