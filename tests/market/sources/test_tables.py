import gzip
import hashlib
import io
import os
import pickle
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pa_parquet
import pytest

from tests.market.sources.factories import BARS, as_frame, put, random_bars, with_cell
from tribar.errors import UserError
from tribar.market.sources.bars import read_bars


def _parquet(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    return buffer.getvalue()


def _times(path: Path) -> list[str]:
    times = as_frame(read_bars(path, max_gap_days=30))["timestamp"]
    return [time.isoformat() for time in times]


def _message(path: Path) -> str:
    with pytest.raises(UserError) as error:
        read_bars(path, max_gap_days=30)
    return str(error.value)


def test_every_format_gives_the_same_bars(tmp_path: Path) -> None:
    frame = random_bars("A", 50, seed=1)
    text = frame.to_csv(index=False)
    sources = [
        put(tmp_path / "a.csv", text),
        put(tmp_path / "b.CSV.GZ", gzip.compress(text.encode())),
        put(tmp_path / "c.parquet", _parquet(frame)),
        put(tmp_path / "d.csv", text.replace("\n", "\r\n")),
        put(tmp_path / "e.csv", b"\xef\xbb\xbf" + text.encode()),
        put(tmp_path / "f.csv", text.replace("\n", "\r")),
        put(tmp_path / "g.csv", text.replace("\n", "\n\n")),
    ]
    tables = [as_frame(read_bars(source, max_gap_days=30)) for source in sources]
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0], check_exact=True)


@pytest.mark.parametrize(
    "header",
    [
        "Date,Open,High,Low,Close,Volume",
        "Date-Time,open,HIGH,low,Close Price,vol",
        "openTime,openPrice,highPrice,lowPrice,closePrice,VOLUME",
        "<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>",
        " Time , o,h,l,c,v",
    ],
)
def test_columns_may_be_spelled_otherwise(tmp_path: Path, header: str) -> None:
    source = put(tmp_path / "X.csv", "\n".join([header, *BARS.splitlines()[1:]]))
    table = as_frame(read_bars(source, max_gap_days=30))
    assert list(table) == ["symbol", "timestamp", "open", "high", "low", "close", "volume"]
    assert table["close"].tolist() == [11, 12, 13, 14]


def test_ignored_columns_are_listed_and_may_share_a_name(tmp_path: Path) -> None:
    text = "\ufeffnote,date,close,note\na,2020-01-01,1,b\nc,2020-01-02,2,d\n"
    bars = read_bars(put(tmp_path / "X.csv", text), max_gap_days=30)
    assert bars.report.ignored_columns == ("note",)
    assert bars.table["close"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2020-01-02", "2020-01-03"], ["2020-01-02T00:00:00+00:00", "2020-01-03T00:00:00+00:00"]),
        (["20200102", "20200103"], ["2020-01-02T00:00:00+00:00", "2020-01-03T00:00:00+00:00"]),
        (
            ["2020-03-06 16:00:00-05:00", "2020-03-09 16:00:00-04:00"],
            ["2020-03-06T21:00:00+00:00", "2020-03-09T20:00:00+00:00"],
        ),
        (
            ["2020-01-02T09:30:00Z", "2020-01-02T09:30:00.000000001Z"],
            ["2020-01-02T09:30:00+00:00", "2020-01-02T09:30:00.000000001+00:00"],
        ),
        (["1577923200", "1577923260"], ["2020-01-02T00:00:00+00:00", "2020-01-02T00:01:00+00:00"]),
        (
            ["1577923200000", "1577923200500"],
            ["2020-01-02T00:00:00+00:00", "2020-01-02T00:00:00.500000+00:00"],
        ),
        (
            ["1577923200000000", "1577923200000001"],
            ["2020-01-02T00:00:00+00:00", "2020-01-02T00:00:00.000001+00:00"],
        ),
        (
            ["1577923200000000000", "1577923200000000007"],
            ["2020-01-02T00:00:00+00:00", "2020-01-02T00:00:00.000000007+00:00"],
        ),
    ],
)
def test_times_are_read_to_the_nanosecond_in_utc(
    tmp_path: Path, cells: list[str], expected: list[str]
) -> None:
    text = f"date,close\n{cells[0]},1\n{cells[1]},2\n"
    assert _times(put(tmp_path / "X.csv", text)) == expected


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1577923200, 1577923260], pa.timestamp("s")),
        pa.array([1577923200000, 1577923260000], pa.timestamp("ms", "America/New_York")),
        pa.array([1577923200, 1577923260]),
        pa.array(["2020-01-02T00:00:00", "2020-01-02T00:01:00"]).dictionary_encode(),
        pa.array(["2020-01-02T01:00+01:00", "2020-01-02T00:01:00Z"], pa.large_string()),
    ],
    ids=lambda column: str(column.type),
)
def test_parquet_may_hold_times_of_any_type(tmp_path: Path, column: pa.Array) -> None:
    source = tmp_path / "X.parquet"
    pa_parquet.write_table(pa.table({"Date": column, "Close": [1, 2]}), source)
    assert _times(source) == ["2020-01-02T00:00:00+00:00", "2020-01-02T00:01:00+00:00"]


def test_parquet_may_hold_dates_decimals_and_categories(tmp_path: Path) -> None:
    frame = pa.table(
        {
            "ticker": pa.array(["B", "A"]).dictionary_encode(),
            "date": pa.array([18263, 18263], pa.date32()),
            "close": pa.array([1.25, 2.5]).cast(pa.decimal128(10, 2)),
        }
    )
    pa_parquet.write_table(frame, tmp_path / "X.parquet")
    table = as_frame(read_bars(tmp_path / "X.parquet", max_gap_days=30))
    assert table["symbol"].tolist() == ["A", "B"]
    assert table["close"].tolist() == [2.5, 1.25]
    assert str(table["timestamp"][0]) == "2020-01-02 00:00:00+00:00"


def test_a_symbol_that_looks_like_something_else_stays_text(tmp_path: Path) -> None:
    text = "symbol,date,close\nNA,2020-01-01,1\nTRUE,2020-01-01,2\n 005930 ,2020-01-01,3\n"
    table = as_frame(read_bars(put(tmp_path / "X.csv", text), max_gap_days=30))
    assert table["symbol"].tolist() == ["005930", "NA", "TRUE"]
    assert table["symbol"].dtype == "str"


def test_a_folder_is_one_symbol_a_file(tmp_path: Path) -> None:
    put(tmp_path / "BRK.B.csv", BARS)
    put(tmp_path / "AAPL.csv.gz", gzip.compress(BARS.encode()))
    put(tmp_path / "many.parquet", _parquet(random_bars("Z", 5, 1).drop(columns="adj_close")))
    put(tmp_path / "notes.txt", "not bars")
    put(tmp_path / "more/inside.csv", BARS)
    put(tmp_path / ".hidden.csv", "hidden")
    bars = read_bars(tmp_path, max_gap_days=30)
    assert bars.index.symbols == ("AAPL", "BRK.B", "Z")
    assert bars.report.ignored_files == ("more", "notes.txt")


def test_the_checksum_is_that_of_sha256sum(tmp_path: Path) -> None:
    one = put(tmp_path / "one/A.csv", BARS)
    assert read_bars(one, 30).source_sha256 == hashlib.sha256(BARS.encode()).hexdigest()
    put(tmp_path / "one/B.csv", with_cell(BARS, 2, "close", "11.5"))
    printed = subprocess.run(
        "sha256sum * | sha256sum", cwd=one.parent, shell=True, capture_output=True, check=True
    )
    before = read_bars(one.parent, 30).source_sha256
    assert before == printed.stdout.decode().split()[0]
    (one.parent / "B.csv").rename(one.parent / "C.csv")
    assert read_bars(one.parent, 30).source_sha256 != before


GZIPPED = gzip.compress(BARS.encode())
PARQUET = _parquet(random_bars("A", 50, seed=1))
UNREADABLE: list[tuple[str, dict[str, str | bytes], list[str]]] = [
    ("none.csv", {}, ["none.csv: no such file or folder", "prepare.source"]),
    ("none/x.csv", {}, ["there is no folder", "none", "prepare.source"]),
    ("x.xlsx", {"x.xlsx": b"PK\3\4"}, ["x.xlsx: it is a damaged zip archive"]),
    ("folder", {"folder/.keep": ""}, ["no file to read", "found: nothing"]),
    ("folder", {"folder/a.jpg": "x"}, ["no file to read", ".parquet", "found: a.jpg"]),
    ("*.csv", {"a.txt": "x"}, ["no file has such a name; mend prepare.source"]),
    ("x.csv", {"x.csv": ""}, ["x.csv: the file is empty"]),
    ("x.csv", {"x.csv": "\n \n"}, ["x.csv: the file is empty"]),
    ("x.csv.gz", {"x.csv.gz": gzip.compress(b"")}, ["x.csv.gz: the file is empty"]),
    ("x.parquet", {"x.parquet": ""}, ["x.parquet: the file is empty"]),
    ("x.csv", {"x.csv": "date,close\n"}, ["x.csv: the file names its columns but holds no rows"]),
    ("x.csv", {"x.csv": "date,close"}, ["x.csv: the file names its columns but holds no rows"]),
    ("x.csv.gz", {"x.csv.gz": GZIPPED[:60]}, ["x.csv.gz: it is damaged", "download"]),
    ("x.csv.gz", {"x.csv.gz": GZIPPED[:-8] + b"\0" * 8}, ["it is damaged (CRC"]),
    ("x.parquet", {"x.parquet": PARQUET[:-9]}, ["damaged Parquet", "x.parquet"]),
    ("x.parquet", {"x.parquet": PARQUET[:40] + b"\0" * 900 + PARQUET[940:]}, ["damaged Parquet"]),
    ("x.csv", {"x.csv": b"date,close\n2020-01-01,1\n2020-01-02,\xe9\n"}, ["line 3 ('é')"]),
    ("x.csv", {"x.csv": BARS.encode("utf-16-le")}, ["it is no text"]),
    (
        "x.csv",
        {"x.csv": "date,close\n2020-01-01,1\n\n2020-01-02\n2020-01-03,1,2\n"},
        ["not 2 columns as in the other lines: line 4 (1), line 5 (3); mend"],
    ),
    (
        "x.csv",
        {"x.csv": "2020-01-01,1,2\n2020-01-02,2,3\n"},
        ["no column is close", "its first row is '2020-01-01', '1', '2'", "      timestamp: 1\n"],
    ),
    ("x.csv", {"x.csv": ",close\na,1\nb,2\n"}, ["no column is timestamp", "are '', 'close'"]),
    ("x.csv", {"x.csv": "date,open\n2020-01-01,1\n"}, ["no column is close", "are 'date', 'open'"]),
    (
        "x.csv",
        {"x.csv": "Date,close,close\n2020-01-01,1,2\n"},
        ["columns 'close' and 'close' both mean close"],
    ),
    (
        "folder",
        {"folder/a.csv": BARS, "folder/b.csv": "date,close\n2020-01-01,1\n"},
        ["b.csv: no column open, which a.csv has"],
    ),
    ("folder", {"folder/a.csv": BARS, "folder/b.csv": ""}, ["b.csv: the file is empty"]),
]


@pytest.mark.parametrize(("source", "files", "parts"), UNREADABLE)
def test_an_unreadable_source_gets_one_clear_error(
    tmp_path: Path, source: str, files: dict[str, str | bytes], parts: list[str]
) -> None:
    for name, content in files.items():
        put(tmp_path / name, content)
    message = _message(tmp_path / source)
    for part in parts:
        assert part in message


FRAME = pd.DataFrame({"date": ["2020-01-01", "2020-01-02"], "close": [1.0, 2.0]})


def _npy(frame: pd.DataFrame) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, frame.to_records(index=False))
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["x.pkl", "x.pickle", "x.pkl.gz", "x.joblib", "x.npy"])
def test_a_pickle_is_no_kind_of_file_that_is_read(tmp_path: Path, name: str) -> None:
    message = _message(put(tmp_path / name, pickle.dumps(FRAME)))
    assert f"{name}: it is a pickle, and nothing is unpickled: docs/data.md has" in message
    with pytest.raises(UserError, match=f"no file to read; .*; found: {name}"):
        read_bars(tmp_path, max_gap_days=30)


def test_a_pickle_beside_bars_is_left_aside_and_listed(tmp_path: Path) -> None:
    put(tmp_path / "a.csv", BARS)
    put(tmp_path / "b.pkl", pickle.dumps(FRAME))
    assert read_bars(tmp_path, max_gap_days=30).report.ignored_files == ("b.pkl",)


def test_the_documented_lines_convert_a_pickle(
    tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    documented = (repository / "docs/data.md").read_text(encoding="utf-8")
    script = documented.split("```python\n")[1].split("```")[0]
    FRAME.to_pickle(tmp_path / "table.pkl")
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(put(tmp_path / "convert.py", script)))
    assert read_bars(tmp_path / "table.parquet", 30).table["close"].tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("name", "content", "fault"),
    [
        ("x.parquet", pickle.dumps(FRAME), "it is a pickle"),
        ("x.csv.gz", gzip.compress(pickle.dumps(FRAME)), "it is a pickle"),
        *(("x.csv", pickle.dumps(FRAME, protocol), "it is a pickle") for protocol in range(2, 6)),
        ("x.csv", pickle.dumps(FRAME, 0), "no table"),
        ("x.csv", pickle.dumps(FRAME, 1), "is not UTF-8 text"),
        ("x.csv", pickle.dumps({"close": [1.0, 2.0]}, 0), "no table"),
        ("x.csv", _npy(FRAME), "it is a NumPy array"),
    ],
)
def test_a_misnamed_pickle_is_refused_by_its_content(
    tmp_path: Path, name: str, content: bytes, fault: str
) -> None:
    assert fault in _message(put(tmp_path / name, content))


def test_nothing_of_a_pickle_runs(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "sprung",))

    for name in ("x.pkl", "x.csv"):
        _message(put(tmp_path / name, pickle.dumps(Trap())))
    assert not (tmp_path / "sprung").exists()


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    source = put(tmp_path / "x.csv", BARS)
    source.chmod(0)
    assert "x.csv: cannot be read (Permission denied)" in _message(source)
