"""All that a user does with a file, in one clone: look, judge, forecast, promote, serve, export."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.commands.serving import CSV, serving
from tests.pipeline import command, commit, ran, rebuilt
from tribar.forecasting.forecaster import Forecaster

pytestmark = pytest.mark.slow
SAMPLE = "data/raw/us_indices.csv.gz"
CHAMPION = "models:/tribar@champion"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a clone in which the pipeline has run on the sample."""
    return rebuilt(tmp_path_factory.mktemp("home") / "clone")


def bring(home: Path, name: str, source: Path, *overrides: str) -> None:
    """Run the pipeline on a file as an experiment, and take its results into the workspace."""
    values = [part for one in (f"prepare.source={source}", *overrides) for part in ("-S", one)]
    said = command(home, "dvc", "exp", "run", "--temp", "-n", name, *values)
    assert ran(said) >= {"prepare", "tune", "evaluate", "report"}
    command(home, "dvc", "exp", "apply", name)
    commit(home, name)


def use(home: Path, source: str, until: str, folder: Path) -> pd.DataFrame:
    """Forecast, promote, serve and export; return the forecasts of the newest bars."""
    name = Forecaster.load(home / "models/best").version
    file = folder / "forecast.json"
    asked = ("predict", source, "--as-of", until)
    command(home, "tribar", *asked, "--output", str(file))
    promoted = command(home, "tribar", "promote", "--force")
    assert f"({name}) is {CHAMPION}" in promoted
    assert "its model card lies beside it" in promoted
    assert f"model {name}, " in command(home, "tribar", *asked, "--model", CHAMPION)
    written = json.loads(file.read_text())
    bars = pd.read_csv(home / source).to_csv(index=False)
    with serving(home / "models/best", cwd=home) as (server, _):
        status, answer = server.post(f"/forecast?as_of={until}", bars, CSV)
    assert (status, answer) == (200, written)
    command(home, "tribar", "export", str(folder / "model.onnx"))
    described = json.loads((folder / "model.json").read_text())
    assert described["version"] == name
    assert len(json.loads((folder / "model.golden.json").read_text())) == 20
    card = (home / "results/report/model_card.md").read_text()
    assert (folder / "model.card.md").read_text() == card
    return pd.DataFrame(written["forecasts"])


def test_the_sample(home: Path, tmp_path: Path) -> None:
    assert "prepare:" in command(home, "tribar", "inspect", SAMPLE)
    found = use(home, SAMPLE, "2018-12-31", tmp_path)
    assert found["symbol"].tolist() == ["NASDAQ", "SP500"]
    assert command(home, "git", "status", "--porcelain") == ""


def test_a_file_of_bars(home: Path, tmp_path: Path) -> None:
    """Hours of one market, as another program writes them, against the sample's champion."""
    rng = np.random.default_rng(3)
    close = 1.1 * np.exp(np.cumsum(rng.normal(scale=0.001, size=3000)))
    span = np.abs(rng.normal(scale=0.0005, size=(2, 3000)))
    start = np.concatenate([close[:1], close[:-1]])
    times = pd.date_range("2024-01-01", periods=3000, freq="h", tz="UTC")
    mine = pd.DataFrame({"Date": times.strftime("%Y-%m-%d %H:%M:%S"), "Open": start})
    mine["High"] = np.maximum(start, close) + span[0]
    mine["Low"] = np.minimum(start, close) - span[1]
    mine["Close"] = close
    source = tmp_path / "EURUSD.csv"
    mine.round(5).to_csv(source, index=False)
    assert "EURUSD" in command(home, "tribar", "inspect", str(source))
    bring(home, "mine", source)
    found = use(home, str(source), "2024-05-05", tmp_path)
    assert found["symbol"].tolist() == ["EURUSD"]
    name = Forecaster.load(home / "models/best").version
    assert f"model {name}, " in command(home, "tribar", "predict", str(source), "--model", "mine")
    page = command(home, "tribar", "report", "--compare", "mine", "--compare", "HEAD~1")
    assert page.endswith("/.tribar/compare/index.html\n")


def test_a_labelled_table(home: Path, tmp_path: Path) -> None:
    """It is judged, forecast and exported; no bars can be asked about, so nothing is served."""
    rng = np.random.default_rng(5)
    rows = pd.DataFrame(rng.normal(size=(1500, 3)).round(4), columns=["slow", "fast", "other"])
    label = np.sign(rows["slow"].rolling(3).mean().fillna(0)).astype(int)
    rows.insert(0, "timestamp", pd.date_range("2016-01-01", periods=1500).strftime("%Y-%m-%d"))
    rows.insert(1, "label", label.where(rows["fast"].abs() > 0.3, 0))
    source = tmp_path / "rows.csv"
    rows.to_csv(source, index=False)
    kind = "prepare.kind=labelled"
    assert "labelled" in command(home, "tribar", "inspect", str(source), "-S", kind)
    bring(home, "labelled", source, kind)
    name = Forecaster.load(home / "models/best").version
    assert f"model {name}, " in command(home, "tribar", "predict", str(source))
    assert f"({name}) is {CHAMPION}" in command(home, "tribar", "promote", "--force")
    said = command(home, "tribar", "serve", "--model", "models/best", "--port", "0", code=2)
    assert said.startswith("error: ")
    command(home, "tribar", "export", str(tmp_path / "model.onnx"))
    assert json.loads((tmp_path / "model.json").read_text())["version"] == name
