"""An exported model says what the model says: every option, in onnxruntime, without torch."""

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations, product
from pathlib import Path
from typing import Any, get_args

import numpy as np
import onnx
import onnxruntime
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from rich.console import Console
from torch import nn

from tests.model.synthetic import synthetic_split
from tests.running import run
from tribar.commands.export import graph, recurrent
from tribar.commands.export.formulas import FORMULAS
from tribar.commands.export.run import run as export
from tribar.config.schema import Params
from tribar.dataset.prepared import PreparedSplit, read_split, write_split
from tribar.dataset.scaling import Scaler
from tribar.ensemble import checkpoint
from tribar.ensemble.calibration import UNCALIBRATED, Calibration
from tribar.ensemble.ensemble import Ensemble
from tribar.errors import UserError
from tribar.market.features import FAMILIES
from tribar.model.config import Cell, Hyperparameters, PoolingName
from tribar.model.network.classifier import RecurrentClassifier
from tribar.outputs.workspace import BEST_MODEL, TEST

NEAR = 1e-5
PRIOR = (0.5, 0.2, 0.3)
CALIBRATIONS = (
    UNCALIBRATED,
    Calibration(temperature=0.6, prior=PRIOR),
    Calibration(weight=0.3, prior=PRIOR),
    Calibration(temperature=2.5, weight=0.8, prior=(0.7, 0.0, 0.3)),
    Calibration(weight=0.0, prior=PRIOR),
)
CHOICES: dict[str, tuple[object, ...]] = {
    "num_layers": (1, 3),
    "layer_norm": (False, True),
    "residual": (False, True),
    "skip_rows": (0, 3),
    "features": ("all", "noise"),
}
"""What a network may have beside its cell, its directions and its pooling."""


def unscaled(split: PreparedSplit) -> PreparedSplit:
    """Return a split whose features differ in their scale, as real ones do."""
    rows = split.rows * np.array([0.01, 1.0, 50.0]) + np.array([0.1, -2.0, 1e3])
    return replace(split, rows=rows.astype(np.float32))


SPLIT = unscaled(synthetic_split(symbols=1, rows=60))


@pytest.fixture(scope="module")
def hyper(shrunk: Callable[..., Params]) -> Hyperparameters:
    params = shrunk("model.hidden_dim=4", "model.heads=2")
    return params.training.complete(params.model)


def random_model(
    hyper: Hyperparameters,
    split: PreparedSplit = SPLIT,
    calibration: Calibration = UNCALIBRATED,
    networks: int = 1,
) -> Ensemble:
    """Return a model with weights so large that no gate stays near its middle."""
    torch.manual_seed(0)
    columns = split.schema.columns(hyper.features)
    each = [RecurrentClassifier(columns, split.schema.window, hyper) for _ in range(networks)]
    for weight in (weight for one in each for weight in one.parameters()):
        nn.init.normal_(weight, std=0.5)
    mean, std = split.rows.mean(axis=0, dtype=np.float64), split.rows.std(axis=0, dtype=np.float64)
    scaler = Scaler(mean, np.where(std > 0, std, 1))
    return Ensemble(tuple(one.eval() for one in each), scaler, hyper, split.schema, calibration)


def windows_of(split: PreparedSplit) -> NDArray[np.float32]:
    """Return the windows of a split's samples, (samples, window, features)."""
    steps = np.arange(1 - split.schema.window, 1)
    windows: NDArray[np.float32] = split.rows[split.samples["last"].to_numpy()[:, None] + steps]
    return windows


def difference(model: Ensemble) -> float:
    """Return the largest difference between what a model says and what it says as ONNX."""
    session = onnxruntime.InferenceSession(graph.as_onnx(model).SerializeToString())
    (found,) = session.run(["probability"], {"windows": windows_of(SPLIT)})
    assert found.dtype == np.float64
    return float(np.abs(found - model.predict(SPLIT.rows, SPLIT.samples)).max())


@pytest.mark.parametrize("pooling", get_args(PoolingName))
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", get_args(Cell))
def test_every_network_says_the_same_as_onnx(
    cell: str, bidirectional: bool, pooling: str, hyper: Hyperparameters
) -> None:
    changes = {"cell": cell, "bidirectional": bidirectional, "pooling": pooling}
    for number, values in enumerate(product(*CHOICES.values())):
        more = dict(zip(CHOICES, values, strict=True))
        one = hyper.model_copy(update={**changes, **more, "heads": 1 + number % 2})
        calibration = CALIBRATIONS[number % 4]
        model = random_model(one, calibration=calibration, networks=1 + number % 3)
        assert difference(model) < NEAR, (more, calibration)


@pytest.mark.parametrize("networks", [1, 3])
@pytest.mark.parametrize("calibration", CALIBRATIONS)
def test_every_calibration_is_within(
    calibration: Calibration, networks: int, hyper: Hyperparameters
) -> None:
    assert difference(random_model(hyper, SPLIT, calibration, networks)) < NEAR


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", get_args(Cell))
def test_no_other_order_of_the_gates_says_the_same(
    cell: str, bidirectional: bool, hyper: Hyperparameters, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"cell": cell, "bidirectional": bidirectional, "num_layers": 1}
    model = random_model(hyper.model_copy(update=changes))
    theirs, ours = recurrent.GATES[cell.upper()]
    for order in permutations(ours):
        monkeypatch.setitem(recurrent.GATES, cell.upper(), (theirs, "".join(order)))
        apart = difference(model)
        assert apart < NEAR if order == tuple(ours) else apart > 100 * NEAR


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
    np.save(tmp_path / "probability.npy", model.predict(drawn.rows, drawn.samples))
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


def test_every_family_has_a_formula_with_its_spans() -> None:
    assert FORMULAS.keys() == FAMILIES.keys()
    for name, family in FAMILIES.items():
        words = set(re.findall(r"\b[A-Z]\b", re.sub(r"(\d)N", r"\1 N", FORMULAS[name])))
        assert words == set(family.spans), name


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


def test_runtimes_of_the_last_years_read_it(hyper: Hyperparameters) -> None:
    model = graph.as_onnx(random_model(hyper, networks=2))
    onnx.checker.check_model(model, full_check=True)
    assert [(one.domain, one.version) for one in model.opset_import] == [("", 17)]
    assert model.ir_version == 8
    (given,), (found,) = model.graph.input, model.graph.output
    assert shape_of(given) == ["batch", SPLIT.schema.window, len(SPLIT.schema.features)]
    assert shape_of(found) == ["batch", 3]


def shape_of(value: onnx.ValueInfoProto) -> list[str | int]:
    return [one.dim_param or one.dim_value for one in value.type.tensor_type.shape.dim]
