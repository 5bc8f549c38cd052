"""tribar predict: a forecast on the console and in files."""

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.running import ROOT, run
from tribar.forecasting.forecast import COLUMNS

SAMPLE = str(ROOT / "data/raw/us_indices.csv.gz")


@pytest.fixture(scope="module")
def model(evaluated: Path) -> str:
    return str(evaluated / "models/best")


def test_the_newest_bar_of_each_symbol_is_forecast(model: str) -> None:
    shown = run("predict", SAMPLE, "--model", model).stdout
    lines = [line for line in shown.splitlines() if "2018-12-31" in line]
    assert [line.split()[0] for line in lines] == ["NASDAQ", "SP500"]
    assert "of the next 10 bars" in shown
    assert "the newest bar is" in shown


def test_all_decisions_go_to_each_kind_of_file(model: str, tmp_path: Path) -> None:
    files = [tmp_path / f"forecast.{ending}" for ending in ("csv", "parquet", "json")]
    for file in files:
        asked = ("--all", "--as-of", "2018-12-31", "--output", str(file))
        shown = run("predict", SAMPLE, "--model", model, *asked).stdout
        assert f"to {file}" in shown
    csv = pd.read_csv(files[0], parse_dates=["decision"])
    parquet = pd.read_parquet(files[1])
    whole = json.loads(files[2].read_text())
    assert tuple(csv) == tuple(parquet) == COLUMNS
    assert set(whole["forecasts"][0]) == set(COLUMNS)
    assert len(csv) == len(parquet) == len(whole["forecasts"]) > 9000
    assert (csv["up"] - parquet["up"]).abs().max() < 1e-14
    assert (pd.DataFrame(whole["forecasts"])["up"] - parquet["up"]).abs().max() < 1e-14
    assert any("learnt from" in note for note in whole["notes"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--output", "forecast.xlsx"), ".csv, .parquet, .json"),
        (("--as-of", "yesterday"), "is no time; write one such as"),
        (("--max-age", "30"), "at most 30 are allowed"),
        (("--model", "models/none"), "no such folder; and models/none: no revision or experiment"),
    ],
)
def test_a_mistake_is_one_error(model: str, arguments: tuple[str, ...], said: str) -> None:
    own = () if "--model" in arguments else ("--model", model)
    found = run("predict", SAMPLE, *own, *arguments, code=2)
    assert said in found.stderr.replace("\n", " ")
    assert "Traceback" not in found.stderr
