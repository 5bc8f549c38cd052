from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.market.sources.factories import (
    LABELLED,
    as_frame,
    put,
    with_cell,
    with_line,
    without_column,
)
from tribar.errors import UserError
from tribar.market.sources.labelled import LabelledTable, read_labelled


def _read(folder: Path, text: str, horizon: int = 2) -> LabelledTable:
    return read_labelled(put(folder / "X.csv", text), horizon)


def _utc(*dates: str | None) -> "pd.Series[pd.Timestamp]":
    dated: pd.Series[pd.Timestamp] = pd.Series(list(dates), dtype="datetime64[ns]")
    return dated.dt.tz_localize("UTC")


def test_a_hand_made_table(tmp_path: Path) -> None:
    read = _read(tmp_path, LABELLED)
    table = as_frame(read)
    assert list(table) == ["symbol", "timestamp", "label", "label_end", "momentum", "spread"]
    assert [str(dtype) for dtype in table.dtypes] == [
        "str",
        "datetime64[ns, UTC]",
        "Int8",
        "datetime64[ns, UTC]",
        "float64",
        "float64",
    ]
    assert read.features == ("momentum", "spread")
    assert table["label"].tolist()[:3] == [1, -1, 0]
    assert table["label"].isna().tolist() == [False, False, False, True]
    ends = _utc("2020-01-03", "2020-01-03", "2020-01-06", None)
    pd.testing.assert_series_equal(table["label_end"], ends, check_names=False)
    assert table["spread"].tolist() == [2, 3, 4, 5]
    assert (read.report.rows, read.report.symbols, read.report.unlabelled) == (4, 1, 1)


@pytest.mark.parametrize(
    ("horizon", "ends"),
    [
        (1, ["2020-01-02", "2020-01-03", "2020-01-06", None]),
        (3, ["2020-01-06", None, None, None]),
        (4, [None] * 4),
        (9, [None] * 4),
    ],
)
def test_the_horizon_gives_the_label_end(
    tmp_path: Path, horizon: int, ends: list[str | None]
) -> None:
    table = as_frame(_read(tmp_path, without_column(LABELLED, "label_end"), horizon))
    pd.testing.assert_series_equal(table["label_end"], _utc(*ends), check_names=False)


def test_a_label_end_may_be_an_epoch_in_some_rows(tmp_path: Path) -> None:
    text = "timestamp,label,label_end,x\n2020-01-01,1,1577923200,1\n2020-01-02,,,2\n"
    ends = as_frame(_read(tmp_path, text))["label_end"]
    pd.testing.assert_series_equal(ends, _utc("2020-01-02", None), check_names=False)


def test_columns_without_numbers_are_left_out_and_listed(tmp_path: Path) -> None:
    text = "Unnamed: 0,Date,label,note,flag,day,x\n0,2020-01-01,1,a,true,2020-01-01,0.5\n"
    read = _read(tmp_path, text)
    assert read.left_out == ("Unnamed: 0", "day", "note")
    assert read.features == ("flag", "x")
    assert read.table["flag"].tolist() == [1]


def test_leading_incomplete_rows_are_dropped_and_counted(tmp_path: Path) -> None:
    text = without_column(with_cell(LABELLED, 2, "momentum", ""), "label_end")
    read = _read(tmp_path, with_cell(text, 3, "spread", "NaN"), horizon=1)
    assert read.report.leading_incomplete == 2
    table = as_frame(read)
    assert table["timestamp"].tolist() == _utc("2020-01-03", "2020-01-06").tolist()
    assert table.index.tolist() == [0, 1]
    assert table["label_end"].tolist()[0] == _utc("2020-01-06")[0]


def test_a_folder_is_one_symbol_a_file(tmp_path: Path) -> None:
    put(tmp_path / "B.csv", LABELLED)
    put(tmp_path / "A.csv", LABELLED)
    read = read_labelled(tmp_path, 2)
    assert as_frame(read)["symbol"].tolist() == ["A"] * 4 + ["B"] * 4


BAD = {
    "no label column": (
        without_column(LABELLED, "label"),
        ["no column is label", "are 'timestamp', ", "      label: '...'"],
    ),
    "a label of its own": (
        with_cell(with_cell(LABELLED, 2, "label", "2"), 4, "label", "0.5"),
        ["label is none of -1, 0, 1: line 2 (2.0), line 4 (0.5); write -1, 0 or 1"],
    ),
    "text for a label": (
        with_cell(LABELLED, 3, "label", "up"),
        ["label is no number: line 3 ('up'); write -1, 0 or 1"],
    ),
    "no label at all": (
        "timestamp,label,x\n2020-01-01,,1\n2020-01-02,,2\n",
        ["column label is empty in every row; write -1, 0 or 1"],
    ),
    "label end no time": (
        with_cell(LABELLED, 4, "label_end", "soon"),
        ["label_end is no time: line 4 ('soon')"],
    ),
    "hole in a feature": (
        with_cell(LABELLED, 4, "momentum", ""),
        ["no finite number in a feature: line 4 (momentum is nan)", "only the first rows"],
    ),
    "last row empty": (with_cell(LABELLED, 5, "spread", ""), ["line 5 (spread is nan)"]),
    "infinite feature": (with_cell(LABELLED, 4, "spread", "-inf"), ["line 4 (spread is -inf)"]),
    "infinite first feature": (with_cell(LABELLED, 2, "spread", "inf"), ["line 2 (spread is inf)"]),
    "a number mistyped": (
        with_cell(LABELLED, 3, "momentum", "O.1"),
        ["momentum is no number: line 3 ('O.1')"],
    ),
    "a feature never there": (
        "symbol,timestamp,label,x,y\nA,2020-01-01,1,1,1\nB,2020-01-01,1,1,\n",
        ["no row has every feature: B; leave these symbols or their empty columns out"],
    ),
    "no feature": (
        "timestamp,label,note\n2020-01-01,1,a\n",
        ["no feature: beside timestamp, symbol, label and label_end", "found: note"],
    ),
    "features of one name": (
        "timestamp,label,x,x\n2020-01-01,1,1,2\n",
        ["several columns are named x; give each its own name"],
    ),
    "duplicate": (
        with_line(LABELLED, "2020-01-02,1,2020-01-03,0.1,3"),
        ["two rows, which differ in label: X 2020-01-02 (line 3 and line 6)"],
    ),
    "unparsable time": (with_cell(LABELLED, 4, "timestamp", "x"), ["timestamp is no time: line 4"]),
    "empty": ("", ["the file is empty"]),
}


@pytest.mark.parametrize(("text", "parts"), BAD.values(), ids=BAD.keys())
def test_a_bad_table_gets_one_clear_error(tmp_path: Path, text: str, parts: list[str]) -> None:
    with pytest.raises(UserError) as error:
        _read(tmp_path, text)
    for part in [str(tmp_path / "X.csv"), *parts]:
        assert part in str(error.value)


def test_files_of_other_features_are_refused(tmp_path: Path) -> None:
    put(tmp_path / "A.csv", LABELLED)
    put(tmp_path / "B.csv", LABELLED.replace("spread", "width"))
    with pytest.raises(UserError, match=r"B.csv: features unlike those of A.csv: spread, width;"):
        read_labelled(tmp_path, 2)


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.integers(1, 12), min_size=1, max_size=4),
    horizon=st.integers(1, 6),
)
def test_neither_the_order_of_rows_nor_of_symbols_matters(
    seed: int, lengths: list[int], horizon: int
) -> None:
    rng = np.random.default_rng(seed)
    panel = pd.concat([_labelled(name, n, rng) for name, n in zip("bBca", lengths, strict=False)])
    with TemporaryDirectory() as folder:
        straight = put(Path(folder) / "straight.csv", panel.to_csv(index=False))
        mixed = put(
            Path(folder) / "mixed.csv", panel.sample(frac=1, random_state=seed).to_csv(index=False)
        )
        ours, other = (as_frame(read_labelled(source, horizon)) for source in (straight, mixed))
    pd.testing.assert_frame_equal(ours, other, check_exact=True)
    expected = ours.groupby("symbol")["timestamp"].shift(-horizon)
    pd.testing.assert_series_equal(ours["label_end"], expected, check_names=False)


def _labelled(symbol: str, n: int, rng: np.random.Generator) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "symbol": symbol,
            "timestamp": pd.date_range("2020-01-01", periods=n, freq="h"),
            "label": rng.integers(-1, 2, n),
            "x": rng.normal(size=n),
        }
    )
