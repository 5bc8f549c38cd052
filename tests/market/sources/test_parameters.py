"""Each parameter of prepare.read decides what detection would, and says so where it cannot."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from tests.market.sources.factories import BARS, as_frame, put
from tribar.config.reading import read_params
from tribar.errors import UserError
from tribar.market.bars import Bars
from tribar.market.config import ReadParams
from tribar.market.sources.bars import read_bars

KOREAN = "날짜,시가,고가,저가,종가\n2020-01-01,10,12,9,11\n2020-01-02,11,13,10,12\n"
WIDE = "Date,V,O\n2020-01-01,1,5\n2020-01-02,2,\n2020-01-03,3,6\n"


def read(folder: Path, text: str | bytes, **parameters: object) -> Bars:
    source = put(folder / "X.csv", text)
    return read_bars(source, 30, read=ReadParams.model_validate(parameters))


def closes(bars: Bars) -> list[float]:
    return [float(one) for one in bars.table["close"]]


@pytest.mark.parametrize(
    "columns",
    [
        {"timestamp": "날짜", "open": "시가", "high": "고가", "low": "저가", "close": "종가"},
        {"timestamp": 1, "open": 2, "high": 3, "low": 4, "close": 5},
        {"timestamp": "날짜", "close": 5},
    ],
)
def test_columns_by_name_and_by_position(tmp_path: Path, columns: dict[str, str | int]) -> None:
    bars = read(tmp_path, KOREAN, columns=columns)
    assert closes(bars) == [11, 12]
    assert list(as_frame(bars)) == ["symbol", *columns]


@pytest.mark.parametrize("text", [KOREAN, KOREAN.encode("cp949")])
def test_the_block_of_a_refusal_reads_the_file(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(UserError) as error:
        read(tmp_path, text)
    message = str(error.value)
    assert "no column is timestamp or close; its columns are '날짜', '시가'," in message
    block = yaml.safe_load(message[message.index("prepare:") :])["prepare"]["read"]
    assert closes(read(tmp_path, text, **block)) == [11, 12]


def test_a_wide_table(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="layout: wide, if each column is the close of one symbol"):
        read(tmp_path, WIDE.replace("V,O", "AAA,BBB"))
    bars = read(tmp_path, WIDE, layout="wide")
    assert bars.index.symbols == ("O", "V")
    assert closes(bars) == [5, 6, 1, 2, 3]
    assert bars.report.empty_rows == 1


@pytest.mark.parametrize(
    ("text", "parameters"),
    [
        (BARS.replace(",", ":"), {"separator": ":"}),
        (BARS.replace(",", "\t"), {"separator": "tab"}),
        ("a,b,c,d,e,f\n" * 3 + BARS, {"skip": 3}),
        ("a,b,c,d,e,f\n" * 3 + BARS, {"header": 4}),
        (BARS.split("\n", 1)[1], {"header": "none", "columns": {"timestamp": 1, "close": 5}}),
        (BARS.encode("utf-16"), {"encoding": "utf-16"}),
    ],
)
def test_a_dialect(tmp_path: Path, text: str | bytes, parameters: dict[str, object]) -> None:
    assert closes(read(tmp_path, text, **parameters)) == [11, 12, 13, 14]


def test_a_date_format(tmp_path: Path) -> None:
    text = "date,close\n01/02/2020,1\n02/02/2020,2\n03/02/2020,3\n"
    days = read(tmp_path, text, date_format="%d/%m/%Y").index.time.astype("M8[D]")
    assert days.astype(str).tolist() == ["2020-02-01", "2020-02-02", "2020-02-03"]
    counts = read(tmp_path, "date,close\n86400,1\n172800,2\n", date_format="s").index.time
    assert counts.astype("M8[D]").astype(str).tolist() == ["1970-01-02", "1970-01-03"]


def test_another_file_of_the_source_tells_day_and_month(tmp_path: Path) -> None:
    put(tmp_path / "A-2020-01.csv", "date,close\n01/12/2020,1\n02/12/2020,2\n")
    put(tmp_path / "A-2020-02.csv", "date,close\n13/12/2020,3\n14/12/2020,4\n")
    bars = read_bars(tmp_path, 30)
    days = bars.index.time.astype("M8[D]").astype(str).tolist()
    assert days == ["2020-12-01", "2020-12-02", "2020-12-13", "2020-12-14"]


@pytest.mark.parametrize(
    ("decimal", "thousands", "expected"),
    [(".", ",", 1234.0), (",", ".", 1.234), (",", "none", 1.234)],
)
def test_signs_of_numbers(tmp_path: Path, decimal: str, thousands: str, expected: float) -> None:
    text = 'date,close\n2020-01-01,"1,234"\n2020-01-02,"1,235"\n'
    bars = read(tmp_path, text, decimal=decimal, thousands=thousands)
    assert closes(bars)[0] == expected


@pytest.mark.parametrize(
    ("choice", "names", "expected"),
    [
        ("auto", ["BTCUSDT-1h-2024-11.csv", "BTCUSDT-1h-2024-12.csv"], ("BTCUSDT-1h",)),
        ("([A-Z]+)-.*", ["BTCUSDT-1h-2024-11.csv", "BTCUSDT-1h-2024-12.csv"], ("BTCUSDT",)),
        ("file", ["A-2024-11.csv", "A-2024-12.csv"], ("A-2024-11", "A-2024-12")),
        ("auto", ["SPX_20200101.csv", "SPX_20200201.csv", "NDX.csv"], ("NDX", "SPX")),
        ("auto", ["A2020.csv", "B2020.csv"], ("A2020", "B2020")),
    ],
)
def test_symbols_from_the_names_of_files(
    tmp_path: Path, choice: str, names: list[str], expected: tuple[str, ...]
) -> None:
    for month, name in enumerate(names, start=1):
        put(tmp_path / name, f"date,close\n2020-0{month}-01,1\n2020-0{month}-02,2\n")
    bars = read_bars(tmp_path, 60, read=ReadParams(symbol_from=choice))
    assert bars.index.symbols == expected


def test_files_of_a_folder_are_chosen_by_a_pattern(tmp_path: Path) -> None:
    put(tmp_path / "A.csv", BARS)
    put(tmp_path / "B.csv", "no table")
    bars = read_bars(tmp_path, 30, read=ReadParams(files="A*"))
    assert (bars.index.symbols, bars.report.ignored_files) == (("A",), ("B.csv",))


def test_the_clocks_of_a_time_zone_are_put_back(tmp_path: Path) -> None:
    hours = ["00:00", "01:00", "02:00", "02:00", "03:00"]
    for order in (1, -1):
        rows = [f"2024-10-27 {hour},{n}" for n, hour in enumerate(hours, start=1)][::order]
        source = put(tmp_path / "X.csv", "\n".join(["time,close", *rows, ""]))
        bars = read_bars(source, 30, timezone="Europe/Berlin")
        assert closes(bars) == [1, 2, 3, 4, 5]
        assert np.ptp(bars.index.time.astype("M8[h]").astype(int)) == 4
    with pytest.raises(UserError, match=r"if clocks were put back then, set prepare.timezone"):
        read_bars(source, 30)


def test_the_column_that_is_likely_the_symbol_is_named(tmp_path: Path) -> None:
    text = "date,close,venue,note\n2020-01-01,1,X,a\n2020-01-01,2,Y,a\n2020-01-02,1,X,a\n"
    with pytest.raises(UserError, match=r"column 'venue' tells them apart(.|\n)*symbol: venue"):
        read(tmp_path, text + "2020-01-02,2,Y,a\n")


FAULTS = [
    ({"columns": {"close": "Close "}}, "columns.close: there is no column 'Close '"),
    ({"columns": {"close": 9}}, "columns.close: there is no column 9; the file has 'timestamp'"),
    ({"date_format": "DD.MM.YYYY"}, "date_format: 'DD.MM.YYYY' does not tell year, month and day"),
    ({"encoding": "utf-9"}, "encoding: 'utf-9' is unknown"),
    ({"skip": 99}, "skip: no line is left"),
    ({"header": 99}, "header: 99: there is no such line"),
    ({"symbol_from": "column"}, "no column names the symbol"),
    ({"symbol_from": "([a-z]+)"}, "symbol_from: '([a-z]+)' does not fit X.csv"),
]


@pytest.mark.parametrize(("parameters", "part"), FAULTS)
def test_a_parameter_that_does_not_fit_is_named(
    tmp_path: Path, parameters: dict[str, object], part: str
) -> None:
    with pytest.raises(UserError) as error:
        read(tmp_path, BARS, **parameters)
    assert part in str(error.value)


@pytest.mark.parametrize(
    ("override", "part"),
    [
        ("read.columns={closing: C}", "prepare.read.columns.closing: unknown; known: timestamp"),
        ("read.symbol_from='('", "prepare.read.symbol_from: no regular expression"),
        ("read.symbol_from='[A-Z]+'", "prepare.read.symbol_from: 0 groups"),
        ("read.layout=tall", "prepare.read.layout"),
        ("read.separator='::'", "prepare.read.separator: '::': write auto, one sign"),
        ("findings={TD999: warn}", "prepare.findings.TD999: unknown; known: TD001"),
        ("findings={TD001: shout}", "prepare.findings.TD001"),
    ],
)
def test_parameters_are_checked_before_a_file_is(
    repository: Path, override: str, part: str
) -> None:
    with pytest.raises(UserError) as error:
        read_params(repository / "params.yaml", [f"prepare.{override}"])
    assert part in str(error.value)
