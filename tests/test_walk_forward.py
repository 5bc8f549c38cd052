"""The procedure walked forward, for real, on the sample with small networks."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.running import QUICK, options, run, start

SMALL = ("tune.n_trials=3", "tune.rescore.top=1", "tune.rescore.seeds=1")
WALK = ("walk-forward", *options(*QUICK, *SMALL, "walk_forward.origins=2"))


def walked(folder: Path) -> dict[str, bytes]:
    return {one.name: one.read_bytes() for one in (folder / "results/walk-forward").iterdir()}


def copied(prepared: Path, folder: Path) -> Path:
    folder.mkdir()
    shutil.copytree(prepared / "data", folder / "data")
    return folder


def walk(folder: Path, workers: int) -> dict[str, bytes]:
    process = start(*WALK, "--output", str(folder), home=folder, workers=workers)
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert not list(folder.glob(".tribar/walks/*"))
    return walked(folder)


@pytest.fixture(scope="module")
def alone(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(prepared, tmp_path_factory.mktemp("alone") / "walk")
    walk(folder, workers=1)
    return folder


def test_without_an_origin_it_writes_empty_tables_and_imports_no_torch(
    prepared: Path, tmp_path: Path
) -> None:
    script = (
        "import sys\n"
        "from tribar.cli import app\n"
        f"app(['walk-forward', '--output', {str(tmp_path)!r}], standalone_mode=False)\n"
        "sys.exit(', '.join({'torch', 'optuna', 'mlflow'} & set(sys.modules)) or None)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert walked(tmp_path)["metrics.json"] == b'{\n  "origins": 0\n}\n'
    for name in ("comparison", "periods", "parameters"):
        assert pd.read_csv(tmp_path / f"results/walk-forward/{name}.csv").empty


@pytest.mark.slow
def test_any_number_of_workers_gives_the_same_bytes(
    alone: Path, prepared: Path, tmp_path: Path
) -> None:
    assert walk(copied(prepared, tmp_path / "two"), workers=2) == walked(alone)


@pytest.mark.slow
@pytest.mark.parametrize("until", ["1/results/tune/metrics.json", "1/predictions.parquet"])
def test_it_goes_on_where_it_was_killed(
    until: str, alone: Path, prepared: Path, tmp_path: Path
) -> None:
    folder = copied(prepared, tmp_path / "killed")
    process = start(*WALK, "--output", str(folder), home=folder, workers=2)
    while not list(folder.glob(f".tribar/walks/*/{until}")):
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert walk(folder, workers=2) == walked(alone)


@pytest.mark.slow
def test_every_decision_after_the_first_origin_is_forecast_once(alone: Path) -> None:
    table = pd.read_parquet(alone / "results/walk-forward/predictions.parquet")
    assert not table.duplicated(["symbol", "decision"]).any()
    assert (
        table.groupby("origin")["decision"].max()[1] < table["decision"][table["origin"] == 2].min()
    )
    periods = pd.read_csv(alone / "results/walk-forward/periods.csv")
    assert periods["decisions"].sum() == len(table) * periods["other"].nunique()


def test_too_many_origins_are_refused(prepared: Path, tmp_path: Path) -> None:
    folder = copied(prepared, tmp_path / "many")
    asked = options("walk_forward.origins=1000", "walk_forward.first=0.99")
    told = run("walk-forward", *asked, "--output", str(folder), home=folder, code=2).stderr
    assert "walk_forward.origins: 1000 of" in told
