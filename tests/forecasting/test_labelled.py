"""Forecasts of a table that came labelled: its newest rows have no label yet."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tribar
from tests.running import QUICK, SHORT, options, run
from tribar.errors import UserError

OPTIONS = options(*QUICK, *SHORT, "prepare.kind=labelled", "training.max_epochs=1")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return 900 rows of three features, of which the newest five have no label."""
    rng = np.random.default_rng(5)
    rows = pd.DataFrame(rng.normal(size=(900, 3)).round(4), columns=["slow", "fast", "other"])
    label = np.sign(rows["slow"].rolling(3).mean().fillna(0)).astype(int).astype(str)
    label[rows["fast"].abs() < 0.3] = "0"
    label.iloc[-5:] = ""
    rows.insert(0, "timestamp", pd.date_range("2020-01-01", periods=900).strftime("%Y-%m-%d"))
    rows.insert(1, "label", label)
    path = tmp_path_factory.mktemp("labelled") / "rows.csv"
    rows.to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def model(source: Path) -> Path:
    folder = source.parent
    for stage, extra in (("prepare", ("--source", str(source))), ("train-baseline", ())):
        run(stage, *extra, "--output", str(folder), *OPTIONS, home=folder)
    return folder / "models/baseline"


def test_the_newest_row_is_forecast_without_a_label(source: Path, model: Path) -> None:
    shown = run("predict", str(source), "--model", str(model), *OPTIONS).stdout
    assert "2022-06-18" in shown
    assert "touched first" not in shown


def test_all_rows_are_forecast_as_the_model_says(source: Path, model: Path, tmp_path: Path) -> None:
    file = tmp_path / "forecast.parquet"
    asked = ("--all", "--output", str(file))
    run("predict", str(source), "--model", str(model), *OPTIONS, *asked)
    found = pd.read_parquet(file)
    window = tribar.load(model).model.schema.window
    assert len(found) == 900 - window + 1
    assert found["lower"].isna().all()
    assert set(found["action"]) == {"abstain"}
    rows = pd.read_csv(source)[["slow", "fast", "other"]].to_numpy(np.float32)
    expected = tribar.load(model).model.predict(rows, np.arange(window - 1, 900))
    assert np.array_equal(found[["down", "flat", "up"]].to_numpy(), expected)


def test_a_column_that_it_needs_is_named(source: Path, model: Path, tmp_path: Path) -> None:
    less = tmp_path / "less.csv"
    pd.read_csv(source).drop(columns="fast").to_csv(less, index=False)
    found = run("predict", str(less), "--model", str(model), *OPTIONS, code=2)
    assert "no column fast of numbers" in found.stderr.replace("\n", " ")


def test_bars_are_refused_in_python(model: Path) -> None:
    with pytest.raises(UserError, match=r"prepare\.kind: labelled"):
        tribar.load(model).predict(pd.DataFrame({"timestamp": ["2020-01-01"], "close": [1.0]}))
