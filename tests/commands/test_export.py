"""What an export leaves: a graph that needs no torch, its description, its golden rows; or none."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

import tribar
from tests.commands.export_models import (
    NEAR,
    PRIOR,
    SPLIT,
    random_model,
    small_network,
    windows_of,
)
from tests.running import run
from tribar.commands.export import graph
from tribar.commands.export.run import run as export
from tribar.config.schema import Params
from tribar.dataset.prepared import PreparedSplit, read_split, write_split
from tribar.ensemble import checkpoint
from tribar.ensemble.calibration import Calibration
from tribar.errors import UserError
from tribar.model.config import Hyperparameters
from tribar.outputs.workspace import BEST_MODEL, TEST


@pytest.fixture(scope="module")
def hyper(shrunk: Callable[..., Params]) -> Hyperparameters:
    return small_network(shrunk)


@pytest.fixture(scope="module")
def folder(
    prepared: Path, hyper: Hyperparameters, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a folder in the repository's layout, with real data and a model that was exported."""
    root = tmp_path_factory.mktemp("exported")
    (root / "data").symlink_to(prepared / "data")
    (root / BEST_MODEL).mkdir(parents=True)
    changes = {
        "cell": "gru", "bidirectional": True, "pooling": "multi_head", "layer_norm": True,
        "residual": True, "skip_rows": 2, "features": "returns+volume", "hidden_dim": 16,
    }  # fmt: skip
    test, mine = read_split(root / TEST), hyper.model_copy(update=changes)
    calibration = Calibration(temperature=1.5, weight=0.6, prior=PRIOR)
    checkpoint.save(random_model(mine, test, calibration, networks=2), root / BEST_MODEL)
    said = run("export", str(root / "out/mine.onnx"), "--model", str(root / BEST_MODEL), home=root)
    assert "mine.golden.json: 20 decisions to check a program by" in said.stdout
    return root


def written(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def test_a_program_without_torch_says_the_same(folder: Path, tmp_path: Path) -> None:
    """On ten thousand windows, and on the golden rows."""
    model, test, count = checkpoint.load(folder / BEST_MODEL), read_split(folder / TEST), 10_000
    window = test.schema.window
    noise = np.random.default_rng(0).normal(size=(window - 1 + count, len(model.scaler.mean)))
    rows = (noise * model.scaler.std + model.scaler.mean).astype(np.float32)
    every = test.samples.iloc[np.zeros(count, dtype=int)].assign(last=window - 1 + np.arange(count))
    drawn = PreparedSplit(rows, every, test.schema)
    np.save(tmp_path / "windows.npy", windows_of(drawn))
    np.save(tmp_path / "probability.npy", model.predict(drawn.rows, drawn.last))
    script, files = Path(__file__).with_name("without_torch.py"), ("windows.npy", "probability.npy")
    done = subprocess.run(
        [sys.executable, script, folder / "out/mine.onnx", *(tmp_path / name for name in files)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    counts, apart = zip(*(line.split() for line in done.stdout.splitlines()), strict=True)
    assert counts == ("10000", "20")
    assert max(map(float, apart)) < NEAR


def test_the_golden_rows_are_the_newest_decisions(folder: Path) -> None:
    test = read_split(folder / TEST)
    golden = read(folder / "out/mine.golden.json")
    newest = test.samples.sort_values("decision", kind="stable").tail(20)
    found = pd.DataFrame(golden).assign(decision=lambda one: pd.to_datetime(one["decision"]))
    both = ["symbol", "decision"]
    expected = newest.sort_values(both)[both]
    assert found[both].to_numpy().tolist() == expected.to_numpy().tolist()
    windows = np.array(found["window"].tolist())
    np.testing.assert_array_equal(
        windows, windows_of(replace(test, samples=newest.sort_values(both)))
    )
    assert set(golden[0]) == {"symbol", "decision", "window", "probability"}


def test_the_description_tells_how_to_make_the_input(folder: Path) -> None:
    told, schema = read(folder / "out/mine.json"), read_split(folder / TEST).schema
    model = checkpoint.load(folder / BEST_MODEL)
    features = {one["name"]: one for one in told["features"]}
    assert tuple(features) == schema.features
    assert {name: one["bars"] for name, one in features.items()} == schema.memory
    assert [one["mean"] for one in told["features"]] == model.scaler.mean.tolist()
    assert [one["std"] for one in told["features"]] == model.scaler.std.tolist()
    macd = features["macd_12_26_9"]
    assert (macd["family"], macd["groups"]) == ("macd", ["oscillators"])
    assert macd["spans"] == {"F": 12, "S": 26, "G": 9}
    seen = [name for name, one in features.items() if one["seen"]]
    assert seen == [schema.features[column] for column in model.networks[0].columns]
    assert told["input"]["shape"] == ["batch", 20, len(features)]
    assert told["calibration"] == {"temperature": 1.5, "weight": 0.6, "prior": list(PRIOR)}
    assert (told["window"], told["classes"], told["networks"]) == (20, [-1, 0, 1], 2)
    assert told["needed_bars"] == schema.needed_bars
    assert schema.definition
    assert told["definition"] == schema.definition.to_json()


def test_the_description_names_what_it_describes(folder: Path) -> None:
    told = read(folder / "out/mine.json")
    for described, where in (
        ([told["onnx"], told["golden"]], folder / "out"),
        (told["model"], folder / BEST_MODEL),
    ):
        files = {one["name"]: one["sha256"] for one in described}
        assert files.items() <= {
            (name, hashlib.sha256(content).hexdigest()) for name, content in written(where).items()
        }
    assert [one["name"] for one in told["model"]] == sorted(written(folder / BEST_MODEL))
    assert told["fingerprint"] == read_split(folder / TEST).schema.fingerprint
    assert told["version"] == tribar.load(folder / BEST_MODEL).version


def test_the_same_model_is_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    export(tmp_path / "mine.onnx", folder / BEST_MODEL, Console())
    assert written(tmp_path) == written(folder / "out")
    assert set(written(tmp_path)) == {"mine.onnx", "mine.json", "mine.golden.json"}


@pytest.fixture
def alone(hyper: Hyperparameters, tmp_path: Path) -> Path:
    """Return the folder of a model without its data."""
    folder = tmp_path / "models/alone"
    folder.mkdir(parents=True)
    checkpoint.save(random_model(hyper), folder)
    return folder


def test_without_its_test_split_there_are_no_golden_rows(
    alone: Path, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not those of other data, which lie beside it, nor those of an earlier export."""
    (tmp_path / "data").symlink_to(folder / "data")
    target = tmp_path / "out/mine.onnx"
    export(target, folder / BEST_MODEL, Console())
    assert len(list(target.parent.iterdir())) == 3
    export(target, alone, Console(width=1000))
    assert "no golden rows: no data/prepared/test" in capsys.readouterr().out
    assert set(written(target.parent)) == {"mine.onnx", "mine.json"}
    assert read(target.with_suffix(".json"))["golden"] is None


@pytest.mark.parametrize(
    ("changes", "there_are"),
    [
        ({"fingerprint": "1", "until": "2030-01-01", "class_returns": ()}, True),
        ({"source_sha256": "1" * 64}, False),
        ({"memory": {}}, False),
    ],
)
def test_golden_rows_are_made_as_the_models_rows_are(
    changes: dict[str, Any], there_are: bool, folder: Path, tmp_path: Path
) -> None:
    """Whatever else the model has learnt from, as one that is trained on all decisions has."""
    (tmp_path / "data").symlink_to(folder / "data")
    model = checkpoint.load(folder / BEST_MODEL)
    refit = tmp_path / "models/refit"
    refit.mkdir(parents=True)
    checkpoint.save(replace(model, schema=replace(model.schema, **changes)), refit)
    export(tmp_path / "mine.onnx", refit, Console())
    assert (tmp_path / "mine.golden.json").exists() == there_are


def test_columns_of_a_labelled_table_have_no_formula(
    hyper: Hyperparameters, tmp_path: Path
) -> None:
    """Even one that is called as a feature of ours."""
    schema = replace(SPLIT.schema, features=("return_5", "b", "c"), groups={})
    split = replace(SPLIT, schema=schema)
    model = tmp_path / "models/labelled"
    model.mkdir(parents=True)
    checkpoint.save(random_model(hyper, split), model)
    test = tmp_path / TEST
    test.mkdir(parents=True)
    write_split(split, test)
    export(tmp_path / "mine.onnx", model, Console())
    told = read(tmp_path / "mine.json")
    assert [one["name"] for one in told["features"]] == ["return_5", "b", "c"]
    assert {(one["family"], one["bars"], one["formula"]) for one in told["features"]} == {
        (None, None, None)
    }
    assert len(read(tmp_path / "mine.golden.json")) == 20


REFUSED: dict[str, tuple[str, str]] = {
    "another ending": ("out/mine.pt", "write model.onnx"),
    "the model's folder": ("models/alone/mine.onnx", "name a file in another folder"),
    "what is no description": ("package.onnx", "is no description of an exported model"),
    "a folder in the way": ("taken.onnx", "move away what has its name"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_place_of_others_is_refused_and_left_alone(
    case: str, alone: Path, tmp_path: Path
) -> None:
    (tmp_path / "package.json").write_text('{"format": "of another"}')
    (tmp_path / "taken.onnx").mkdir()
    before = sorted(tmp_path.rglob("*"))
    name, message = REFUSED[case]
    with pytest.raises(UserError, match=message):
        export(tmp_path / name, alone, Console())
    assert sorted(tmp_path.rglob("*")) == before


def test_a_model_that_onnx_cannot_hold_is_refused(
    alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(graph, "MOST_BYTES", 1000)
    with pytest.raises(UserError, match="fewer or smaller networks"):
        export(tmp_path / "mine.onnx", alone, Console())
    assert not (tmp_path / "mine.onnx").exists()


def test_no_model_and_no_onnx_are_one_line_each(tmp_path: Path) -> None:
    said = run("export", str(tmp_path / "a.onnx"), "--model", str(tmp_path / "m"), code=2).stderr
    assert "no complete model" in said
    script = (
        "import sys; sys.modules['onnx'] = None; sys.argv = ['tribar', 'export', 'a.onnx']\n"
        "from tribar.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr == "error: export: onnx is not installed; run pip install 'tribar[onnx]'\n"
