"""Any file is read as it stands or refused in one error; no row and no value is lost unseen."""

import csv
import gzip
import io
import itertools
import zipfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal

import pandas as pd
import pyarrow as pa
import pyarrow.feather as pa_feather
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.market.sources.factories import BARS, LABELLED, as_frame, put, random_bars
from tribar.errors import UserError
from tribar.market.bars import Bars
from tribar.market.sources.bars import read_bars
from tribar.market.sources.labelled import LabelledTable, read_labelled

NAMES = ["x.csv", "x.tsv", "x.txt", "x.csv.gz", "x.zip", "x.csv.zst", "x.parquet", "x.feather"]
COLUMNS = ["open", "high", "low", "close", "volume"]


def _read(content: bytes, name: str = "x.csv") -> Bars | str:
    """Return the bars of a file, or the error that refuses it."""
    with TemporaryDirectory() as folder:
        try:
            return read_bars(put(Path(folder) / name, content), max_gap_days=30)
        except UserError as error:
            return str(error)


def _read_labelled(content: bytes, name: str) -> LabelledTable | str:
    with TemporaryDirectory() as folder:
        try:
            return read_labelled(put(Path(folder) / name, content), horizon=2)
        except UserError as error:
            return str(error)


def _zip(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.csv", data)
    return buffer.getvalue()


def _columnar() -> list[bytes]:
    parquet, feather = io.BytesIO(), io.BytesIO()
    frame = random_bars("A", 9, seed=1)
    frame.to_parquet(parquet)
    pa_feather.write_feather(pa.Table.from_pandas(frame), feather, compression="uncompressed")
    return [parquet.getvalue(), feather.getvalue()]


TEXT = BARS.encode()
WHOLE = [
    TEXT,
    LABELLED.encode(),
    BARS.encode("utf-16"),
    BARS.replace(",", ";").replace("\n", "\r\n").encode(),
    gzip.compress(TEXT),
    _zip(TEXT),
    pa.compress(TEXT, "zstd", asbytes=True),
    *_columnar(),
]
CELLS = st.one_of(
    st.sampled_from(["", "date", "close", "2020-01-01", "1577836800", "1.5", "1,5", '"', "$3"]),
    st.text(max_size=5),
)
TABLES = st.lists(st.lists(CELLS, max_size=5), max_size=8).flatmap(
    lambda rows: st.sampled_from([*",;\t|"]).map(
        lambda sign: "\n".join(sign.join(row) for row in rows).encode(errors="surrogatepass")
    )
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a file of which some bytes are changed, put in, or left out."""
    data = bytearray(draw(st.sampled_from(WHOLE)))
    for _ in range(draw(st.integers(1, 3))):
        at, length = draw(st.integers(0, len(data))), draw(st.integers(0, 9))
        data[at : at + length] = draw(st.binary(max_size=9))
    return bytes(data[: draw(st.integers(0, len(data)))]) if draw(st.booleans()) else bytes(data)


@settings(max_examples=80, deadline=None)
@given(name=st.sampled_from(NAMES), content=st.one_of(st.binary(max_size=300), TABLES, damaged()))
def test_any_bytes_are_read_or_refused(name: str, content: bytes) -> None:
    for found in (_read(content, name), _read_labelled(content, name)):
        assert not isinstance(found, str) or 0 < len(found) < 5000


@dataclass(frozen=True)
class Dialect:
    """A way of writing a table of bars."""

    separator: str = ","
    decimal: str = "."
    thousands: str = ""
    date_format: str = "%Y-%m-%d"
    encoding: str = "utf-8"
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL
    columns: tuple[str, ...] = ("timestamp", *COLUMNS)
    has_names: bool = True
    above: tuple[str, ...] = ()
    below: tuple[str, ...] = ()
    line_end: str = "\n"
    is_newest_first: bool = False

    def number(self, value: float) -> str:
        signs = {",": self.thousands, ".": self.decimal}
        text = f"{value:,.15g}" if value < 1e15 else f"{value:,.0f}"
        return "".join(signs.get(sign, sign) for sign in text)

    def tells_numbers(self, frame: pd.DataFrame) -> bool:
        """Return whether a point that parts thousands cannot be taken for one before decimals."""
        cells = [self.number(value) for value in frame[COLUMNS].to_numpy().ravel()]
        return self.thousands != "." or any("," in one or one.count(".") > 1 for one in cells)

    def write(self, frame: pd.DataFrame) -> bytes:
        """Return a file of bars."""
        buffer = io.StringIO()
        rows = csv.writer(buffer, "unix", delimiter=self.separator, quoting=self.quoting)
        if self.has_names:
            rows.writerow(self.columns)
        for row in frame.iloc[:: -1 if self.is_newest_first else 1].to_dict("records"):
            cells = {name: self.number(row[name]) for name in COLUMNS}
            cells |= {"timestamp": row["timestamp"].strftime(self.date_format), "note": "näh; 1, x"}
            rows.writerow([cells[name] for name in self.columns])
        lines = [*self.above, *buffer.getvalue().splitlines(), *self.below, ""]
        return self.line_end.join(lines).encode(self.encoding)


QUOTING: list[Literal[0, 1]] = [csv.QUOTE_MINIMAL, csv.QUOTE_ALL]
DATES = ["%Y-%m-%d", "%Y%m%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%b-%Y", "%b %d, %Y"]
CLOCKS = ["", " %H:%M", " %H:%M:%S", " %I:%M:%S %p"]
SHUFFLED = st.permutations(["timestamp", *COLUMNS, "note"]).map(tuple)


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    decimal = draw(st.sampled_from(".,"))
    has_names = draw(st.booleans())
    return Dialect(
        separator=draw(st.sampled_from([*",;\t|"])),
        decimal=decimal,
        thousands=draw(st.sampled_from(["", " ", "'", "\u00a0", "." if decimal == "," else ","])),
        date_format=draw(st.sampled_from(DATES)) + draw(st.sampled_from(CLOCKS)),
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])),
        quoting=draw(st.sampled_from(QUOTING)),
        columns=draw(SHUFFLED) if has_names else ("timestamp", *COLUMNS),
        has_names=has_names,
        above=draw(st.sampled_from([(), ("Bars of X",), ("Bars of X", "", "a; b")])),
        below=draw(st.sampled_from([(), ("Source: X",), ("", "Source: X", "All rights reserved")])),
        line_end=draw(st.sampled_from(["\n", "\r\n", "\r"])),
        is_newest_first=draw(st.booleans()),
    )


@st.composite
def tables(draw: st.DrawFn) -> pd.DataFrame:
    """Return valid bars whose closes differ."""
    n = draw(st.integers(5, 15))
    digits, scale = draw(st.integers(0, 4)), draw(st.sampled_from([1, 40, 900, 70_000]))
    steps = st.integers(1, 5000)
    closes = [10**4 + n + draw(steps) for n in range(n)]
    assume(len({*closes}) > 1)
    rows = [[one + draw(steps), one + 9999, one - 9999, one, draw(st.integers(1, 10**7))]
            for one in closes]  # fmt: skip
    frame = pd.DataFrame(rows, columns=COLUMNS, dtype="float64")
    frame[COLUMNS[:-1]] = (frame[COLUMNS[:-1]] * scale / 10**4 + 1).round(digits)
    assume(frame["close"].nunique() > 1)
    start = draw(st.dates(date(1990, 1, 1), date(2060, 1, 1)))
    frame.insert(0, "timestamp", pd.date_range(start, periods=n, freq="D"))
    return frame


@settings(max_examples=25, deadline=None)
@given(frame=tables(), dialect=dialects())
def test_what_is_written_is_read(frame: pd.DataFrame, dialect: Dialect) -> None:
    assume(dialect.tells_numbers(frame))
    bars = _read(dialect.write(frame))
    if isinstance(bars, str):
        assert "may be" in bars or not dialect.has_names
        return
    table = as_frame(bars).drop(columns="symbol")
    expected = frame.assign(timestamp=frame["timestamp"].dt.tz_localize("UTC").dt.as_unit("ns"))
    pd.testing.assert_frame_equal(table[list(expected)], expected, check_exact=True)


PLAIN = Dialect(columns=("timestamp", *COLUMNS, "note"))
SPOILT = [
    PLAIN,
    Dialect(separator=";", decimal=",", columns=PLAIN.columns, quoting=csv.QUOTE_ALL),
    Dialect(separator="\t", date_format="%Y-%m-%d %H:%M", line_end="\r\n"),
]
ODD = st.one_of(CELLS, st.sampled_from(["=1+1", "<b>", "\0", "1e999", "nan", "10:00", "a\nb", "٣"]))
BYTES = st.one_of(st.sampled_from(b',;\t\n\r"0.- x\xff\0'), st.integers(0, 255))


def _put_cell(draw: st.DrawFn, lines: list[bytes], dialect: Dialect) -> list[bytes]:
    """Change a cell of a row, not of the names."""
    at, sign = draw(st.integers(1, len(lines) - 1)), dialect.separator.encode()
    cells = lines[at].split(sign)
    cells[draw(st.integers(0, len(cells) - 1))] = draw(ODD).encode(errors="surrogatepass")
    return [*lines[:at], sign.join(cells), *lines[at + 1 :]]


def _put_line(draw: st.DrawFn, lines: list[bytes], dialect: Dialect) -> list[bytes]:
    """Put a line in: another again, words, or nothing."""
    at = draw(st.integers(0, len(lines)))
    odd = [*lines, b"", b"Total", b"Total;9", b"2020-01-01", dialect.separator.encode() * 6]
    return [*lines[:at], draw(st.sampled_from(odd)), *lines[at:]]


def _put_byte(draw: st.DrawFn, lines: list[bytes], dialect: Dialect) -> list[bytes]:
    """Change a byte, leave it out, or put one in."""
    end = dialect.line_end.encode()
    data = end.join(lines)
    at, width = draw(st.integers(0, len(data) - 1)), draw(st.integers(0, 1))
    put_in = bytes([draw(BYTES)] * draw(st.integers(1 - width, 1)))
    return (data[:at] + put_in + data[at + width :]).split(end)


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[pd.DataFrame, Dialect, bytes, bytes]:
    """Return bars, how they are written, their file, and that file with one change."""
    frame, dialect = draw(tables()), draw(st.sampled_from(SPOILT))
    whole, end = dialect.write(frame), dialect.line_end.encode()
    change = draw(st.sampled_from([_put_cell, _put_line, _put_byte]))
    lines = change(draw, whole.removesuffix(end).split(end), dialect)
    return frame, dialect, whole, end.join(lines) + draw(st.sampled_from([end, b""]))


@settings(max_examples=80, deadline=None)
@given(spoilt())
def test_one_fault_costs_no_other_row(
    case: tuple[pd.DataFrame, Dialect, bytes, bytes],
) -> None:
    frame, dialect, whole, content = case
    bars = _read(content)
    if isinstance(bars, str):
        return
    assert _counted(bars) in _row_counts(content, dialect)
    read = as_frame(bars).set_index("timestamp")
    left = set(content.splitlines())
    rows = zip(frame.to_dict("records"), whole.splitlines()[1:], strict=True)
    for row in (row for row, line in rows if line in left):
        found = read.loc[row["timestamp"].tz_localize("UTC")]
        assert all(found[name] == row[name] for name in COLUMNS if name in found)


def _counted(bars: Bars) -> int:
    """Return how many rows a file must have had, as its report counts them."""
    report, understood = bars.report, bars.understanding
    assert understood is not None
    dropped = report.repeated_rows + report.empty_rows + len(report.ignored_lines)
    return report.bars + dropped + len(understood.reading.header)


def _row_counts(content: bytes, dialect: Dialect) -> set[int]:
    """Return how many rows Python finds, or lines, as names or notes may take several.

    A row of blank cells above the names is a line of notes only if its separator is no space.
    """
    text = content.decode("utf-8", errors="replace")
    parted = csv.reader(io.StringIO(text, newline=""), delimiter=dialect.separator)
    rows = [row for row in parted if row]
    blank = itertools.takewhile(lambda row: not "".join(row).strip(), rows)
    lines = [line for line in content.splitlines() if line.strip()]
    return {len(rows), len(rows) - len(list(blank)), len(lines)}
