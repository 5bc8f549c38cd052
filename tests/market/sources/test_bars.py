import io
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.market.sources.factories import (
    BARS,
    as_frame,
    put,
    random_bars,
    with_cell,
    with_line,
    without_column,
)
from tribar.errors import UserError
from tribar.market.bars import Bars
from tribar.market.sources.bars import read_bars


def _read(folder: Path, text: str, max_gap_days: float = 30) -> Bars:
    return read_bars(put(folder / "X.csv", text), max_gap_days)


def _many(cells: list[str]) -> str:
    rows = [f"2020-01-{day:02},{cell}" for day, cell in enumerate(cells, start=1)]
    return "\n".join(["date,close", *rows, ""])


BAD = {
    "missing price": (with_cell(BARS, 3, "close", ""), ["close is no positive", "line 3 (nan)"]),
    "NaN price": (with_cell(BARS, 4, "open", "NaN"), ["open is no positive", "line 4 (nan)"]),
    "infinite price": (with_cell(BARS, 2, "high", "inf"), ["high is no", "line 2 (inf)"]),
    "overflown price": (with_cell(BARS, 2, "high", "1e999"), ["high is no", "line 2 (inf)"]),
    "zero price": (with_cell(BARS, 5, "low", "0"), ["low is no positive", "line 5 (0.0)"]),
    "negative price": (with_cell(BARS, 5, "close", "-3"), ["close is no", "line 5 (-3.0)"]),
    "text for a price": (
        with_cell(with_cell(BARS, 3, "close", "n/d"), 5, "close", "14 ?"),
        ["X.csv: close is no number: line 3 ('n/d'), line 5 ('14 ?'); correct these bars"],
    ),
    "thousands or decimals": (
        "date,close\n2020-01-01,\"1,234\"\n2020-01-02,\"1,235\"\n",
        ["'1,234' may be 1234 (decimal: '.', thousands: ',') or 1.234 (decimal: ',', "],
    ),
    "decimals in two ways": (
        "date,close\n2020-01-01,1.5\n2020-01-02,2.5\n2020-01-03,\"3,5\"\n",
        ["close is no number: line 4 ('3,5')"],
    ),
    "many of them": (
        _many(["1", "2", *["-1"] * 8]),
        ["line 4 (-1.0), line 5 (-1.0), line 6 (-1.0), line 7 (-1.0), line 8 (-1.0) and 3 more"],
    ),
    "no price at all": (_many(["", ""]), ["no row has a price"]),
    "high below low": (
        with_cell(BARS, 3, "high", "9.5"),
        ["high is below low: line 3 (9.5 below 10.0)", "correct these bars or leave them out"],
    ),
    "negative volume": (
        with_cell(BARS, 2, "volume", "-1"),
        ["volume is neither zero nor positive: line 2 (-1.0)"],
    ),
    "infinite volume": (with_cell(BARS, 2, "volume", "inf"), ["volume is not finite: line 2"]),
    "text for a volume": (with_cell(BARS, 2, "volume", "1.2X"), ["volume is no number", "'1.2X'"]),
    "bad adjusted close": (
        BARS.replace("volume", "adj_close").replace(",100\n", ",0\n"),
        ["adj_close is no positive number: line 2 (0.0)"],
    ),
    "unparsable time": (
        with_cell(with_cell(BARS, 2, "timestamp", "31/12/2019"), 4, "timestamp", "x"),
        ["timestamp is no time: line 2 ('31/12/2019'), line 4 ('x')", "ISO 8601 (2020-12-31"],
    ),
    "no time": (with_cell(BARS, 4, "timestamp", ""), ["timestamp is no time: line 4 ('')"]),
    "impossible time": (with_cell(BARS, 4, "timestamp", "2020-02-30"), ["line 4 ('2020-02-30')"]),
    "time that depends on the day": (
        with_cell(BARS, 4, "timestamp", "today"),
        ["timestamp is no time: line 4 ('today')"],
    ),
    "time out of range": (with_cell(BARS, 2, "timestamp", "1066-10-14"), ["line 2 ('1066-10-14')"]),
    "day or month": (
        "date,close\n01/02/2020,1\n02/02/2020,2\n03/02/2020,3\n",
        [
            "timestamp '01/02/2020' may be 2020-01-02 (%m/%d/%Y) or 2020-02-01 (%d/%m/%Y)",
            "    date_format: '%m/%d/%Y'",
        ],
    ),
    "one day of other form": (
        "date,close\n13/01/2020,1\n14/01/2020,2\n01/15/2020,3\n",
        ["timestamp is no time: line 4 ('01/15/2020'); the others are %d/%m/%Y"],
    ),
    "epoch with a fraction": ("date,close\n1577923200.5,1\n", ["no time: line 2 ('1577923200.5')"]),
    "zones in some rows": (
        with_cell(BARS, 3, "timestamp", "2020-01-02T00:00:00Z"),
        ["timestamp has a time zone, as other rows have not: line 3 ('2020-01-02T00:00:00Z')"],
    ),
    "duplicate": (
        with_line(BARS, "2020-01-02,11,13,10,12.5,100"),
        [
            "one symbol and time in two rows, which differ in close: X 2020-01-02 "
            "(line 3 and line 6); keep one"
        ],
    ),
    "duplicate across zones": (
        "date,close\n2020-01-02T10:00Z,1\n2020-01-02T11:00+01:00,2\n",
        ["X 2020-01-02T10:00:00 (line 2 and line 3)"],
    ),
    "empty symbol": (
        "symbol,date,close\nA,2020-01-01,1\n ,2020-01-02,2\n",
        ["no symbol: line 3 (empty)"],
    ),
    "hole": (
        with_line(BARS, "2020-02-20,13,15,12,14.5,100"),
        [
            "no bars for long: X 2020-01-06 to 2020-02-20 (45 days)",
            "or raise prepare.max_gap_days (30)",
        ],
    ),
    "constant close": (
        "date,close\n2020-01-01,7\n2020-01-02,7\n2020-01-03,7\n",
        ["close never changes: X (7)", "leave"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "parts"), BAD.values(), ids=BAD.keys())
def test_bad_bars_get_one_clear_error(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(UserError) as error:
        _read(tmp_path, text)
    for part in [str(tmp_path / "X.csv"), *parts]:
        assert part in str(error.value)


def test_parquet_says_row_and_a_folder_says_which_file(tmp_path: Path) -> None:
    frame = random_bars("A", 9, seed=1)
    frame.to_parquet(tmp_path / "a.parquet")
    put(tmp_path / "b.csv", frame.assign(symbol="B").to_csv(index=False))
    frame.iloc[[4]].assign(volume=7).to_csv(tmp_path / "c.csv", index=False)
    with pytest.raises(UserError, match=r"\(a.parquet row 5 and c.csv line 2\)"):
        read_bars(tmp_path, 30)
    (tmp_path / "c.csv").unlink()
    frame.assign(close=-1.0).iloc[[4]].to_parquet(tmp_path / "a.parquet")
    with pytest.raises(UserError, match=r"a.parquet: close is no positive number: row 1 \(-1.0\)"):
        read_bars(tmp_path, 30)


def test_one_constant_symbol_of_several_is_named(tmp_path: Path) -> None:
    text = "symbol,date,close\nA,2020-01-01,1\nA,2020-01-02,2\nB,2020-01-01,3\nB,2020-01-02,3\n"
    with pytest.raises(UserError, match=r"close never changes: B \(3\);"):
        _read(tmp_path, text)


def test_opens_and_closes_a_little_outside_are_counted(tmp_path: Path) -> None:
    text = with_cell(with_cell(BARS, 2, "open", "8.99"), 3, "close", "13.01")
    report = _read(tmp_path, with_cell(text, 4, "close", "10.9")).report
    assert (report.open_outside, report.close_outside) == (1, 2)


def test_missing_volume_is_zero_and_counted(tmp_path: Path) -> None:
    text = with_cell(with_cell(BARS, 2, "volume", ""), 3, "volume", "0")
    bars = _read(tmp_path, text)
    assert bars.table["volume"].tolist() == [0, 0, 100, 100]
    assert bars.report.zero_volume == 2
    without = _read(tmp_path, without_column(BARS, "volume"))
    assert "volume" not in without.table
    assert without.report.zero_volume == 0


def test_prices_are_adjusted(tmp_path: Path) -> None:
    text = BARS.replace("volume", "Adj Close")
    for line, adjusted in enumerate(["5.5", "6", "6.5", "14"], start=2):
        text = with_cell(text, line, "Adj Close", adjusted)
    table = as_frame(_read(tmp_path, text))
    assert list(table) == ["symbol", "timestamp", "open", "high", "low", "close"]
    assert table["close"].tolist() == [5.5, 6, 6.5, 14]
    assert table["open"].tolist() == [5, 5.5, 6, 13]
    assert table["high"].tolist() == [6, 6.5, 7, 15]
    assert table["low"].tolist() == [4.5, 5, 5.5, 12]


def test_a_slow_series_has_no_holes(tmp_path: Path) -> None:
    months = pd.date_range("2010-01-01", periods=24, freq="MS")
    text = pd.DataFrame({"date": months, "close": range(1, 25)}).to_csv(index=False)
    assert _read(tmp_path, text, max_gap_days=3).report.longest_gap_days == 31


def test_a_hole_is_a_symbol_s_own(tmp_path: Path) -> None:
    early, late = random_bars("A", 20, seed=1), random_bars("B", 20, seed=9)
    text = pd.concat([early, late]).to_csv(index=False)
    assert _read(tmp_path, text, max_gap_days=2).report.longest_gap_days == 1


def test_one_bar_is_neither_constant_nor_a_hole(tmp_path: Path) -> None:
    bars = _read(tmp_path, "date,close\n2020-01-01,7\n")
    assert (bars.report.bars, bars.report.longest_gap_days) == (1, 0)


def test_out_of_order_rows_are_counted_and_sorted(tmp_path: Path) -> None:
    text = "date,close\n2020-01-01,1\n2020-01-04,4\n2020-01-02,2\n2020-01-03,3\n2020-01-05,5\n"
    bars = _read(tmp_path, text)
    assert _read(tmp_path, BARS).report.sorted_rows == 0
    assert bars.report.sorted_rows == 2
    assert bars.table["close"].tolist() == [1, 2, 3, 4, 5]
    interleaved = "s,date,close\nB,2020-01-01,1\nA,2020-01-01,4\nB,2020-01-02,2\nA,2020-01-02,3\n"
    assert _read(tmp_path, interleaved.replace("s,", "symbol,")).report.sorted_rows == 0


def test_the_table_may_be_changed_in_place(tmp_path: Path) -> None:
    random_bars("A", 5, seed=1).to_parquet(tmp_path / "A.parquet")
    table = read_bars(tmp_path / "A.parquet", 30).table
    table.loc[0, "close"] = 1.0
    assert table["close"].iloc[0] == 1.0


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.integers(2, 12), min_size=1, max_size=4),
    as_parquet=st.booleans(),
)
def test_neither_the_order_of_rows_nor_of_symbols_matters(
    seed: int, lengths: list[int], as_parquet: bool
) -> None:
    names = ["b", "B", "a10", "a9"][: len(lengths)]
    lengths_of = dict(zip(names, lengths, strict=True))
    panel = pd.concat([random_bars(name, n, seed=n) for name, n in lengths_of.items()])
    shuffled = panel.iloc[np.random.default_rng(seed).permutation(len(panel))]
    with TemporaryDirectory() as folder:
        straight = put(Path(folder) / "straight.csv", panel.to_csv(index=False))
        mixed = Path(folder) / ("mixed.parquet" if as_parquet else "mixed.csv")
        if as_parquet:
            shuffled.to_parquet(mixed, index=False)
        else:
            shuffled.to_csv(mixed, index=False)
        ours, other = (as_frame(read_bars(source, 30)) for source in (straight, mixed))
    pd.testing.assert_frame_equal(ours, other, check_exact=True)
    _assert_equal_to_pandas(ours, panel)


def _assert_equal_to_pandas(table: pd.DataFrame, panel: pd.DataFrame) -> None:
    """Compare with pandas' own reader and sort."""
    expected = pd.read_csv(io.StringIO(panel.to_csv(index=False)))
    expected["timestamp"] = pd.to_datetime(expected["timestamp"], utc=True).dt.as_unit("ns")
    expected = expected.sort_values(["symbol", "timestamp"], ignore_index=True)
    factor = expected["adj_close"] / expected["close"]
    assert (table["timestamp"] == expected["timestamp"]).all()
    assert (table["symbol"] == expected["symbol"]).all()
    assert (table["volume"] == expected["volume"]).all()
    for name in ("open", "high", "low", "close"):
        np.testing.assert_allclose(table[name], expected[name] * factor, rtol=1e-14)
