import gzip
import hashlib
import importlib.util
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest
from arch.data import nasdaq, sp500

from tests.market.sources.factories import as_frame
from tribar.market.bars import Bars
from tribar.market.sources.bars import read_bars


@pytest.fixture(scope="module")
def raw() -> Path:
    return Path(__file__).parents[2] / "data/raw"


@pytest.fixture(scope="module")
def bars(raw: Path) -> Bars:
    return read_bars(raw / "us_indices.csv.gz", max_gap_days=30)


@pytest.fixture(scope="module")
def export(raw: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("export_sample", raw / "export_sample.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_export_writes_the_same_text_again(
    raw: Path, export: ModuleType, tmp_path: Path
) -> None:
    target = tmp_path / "again.csv.gz"
    export.write_sample(target)
    committed = (raw / "us_indices.csv.gz").read_bytes()
    # The compressed bytes depend on zlib, the text does not.
    assert gzip.decompress(target.read_bytes()) == gzip.decompress(committed)
    assert committed[4:8] == b"\0\0\0\0", "the header holds no time"


def test_the_readme_names_the_checksums(raw: Path) -> None:
    readme = (raw / "README.md").read_text(encoding="utf-8")
    content = (raw / "us_indices.csv.gz").read_bytes()
    assert hashlib.sha256(content).hexdigest() in readme
    assert hashlib.sha256(gzip.decompress(content)).hexdigest() in readme


@pytest.mark.parametrize(("symbol", "index"), [("SP500", sp500), ("NASDAQ", nasdaq)])
def test_every_value_is_the_package_s(bars: Bars, symbol: str, index: ModuleType) -> None:
    table = as_frame(bars)
    ours = table[table["symbol"] == symbol].reset_index(drop=True)
    theirs = index.load().reset_index()
    assert (ours["timestamp"].dt.tz_localize(None) == theirs["Date"]).all()
    assert ours["timestamp"].iloc[[0, -1]].dt.strftime("%Y-%m-%d").tolist() == [
        "1999-01-04",
        "2018-12-31",
    ]
    for name in ("open", "high", "low", "volume"):
        assert (ours[name] == theirs[name.capitalize()]).all(), name
    assert (ours["close"] == theirs["Adj Close"]).all()
    assert (theirs["Close"] == theirs["Adj Close"]).all()


def test_the_report_says_what_the_readme_says(bars: Bars) -> None:
    report = bars.report
    assert (report.bars, report.symbols) == (2 * 5031, 2)
    assert (report.zero_volume, report.longest_gap_days, report.sorted_rows) == (2, 7.0, 0)
    assert (report.open_outside, report.close_outside) == (0, 0)
    silent = as_frame(bars)[bars.table["volume"] == 0]
    assert silent["timestamp"].tolist() == [
        pd.Timestamp("2015-05-12", tz="UTC"),
        pd.Timestamp("2018-01-09", tz="UTC"),
    ]
