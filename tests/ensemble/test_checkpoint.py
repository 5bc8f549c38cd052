from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.model.synthetic import synthetic_split
from tribar.config.schema import Params
from tribar.dataset.prepared import last_rows
from tribar.ensemble import checkpoint
from tribar.ensemble.calibration import UNCALIBRATED, Calibration
from tribar.ensemble.ensemble import Ensemble, ensemble
from tribar.errors import UserError
from tribar.model.folds import make_fold
from tribar.model.training.trainer import train

SPLIT = synthetic_split()


@pytest.fixture(scope="module")
def model(shrunk: Callable[..., Params]) -> Ensemble:
    params = shrunk("baseline.hidden_dim=8", "training.max_epochs=1", "training.seeds=2")
    hyper = params.baseline_hyper()
    fold = make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")
    trained = [train(fold, hyper, params.training, seed) for seed in (42, 43)]
    return ensemble(trained, fold, hyper, Calibration(1.5, 0.25, (0.5, 0.2, 0.3)))


def test_a_model_comes_back_whole(model: Ensemble, tmp_path: Path) -> None:
    checkpoint.save(model, tmp_path)
    back = checkpoint.load(tmp_path)
    assert (back.hyper, back.schema) == (model.hyper, model.schema)
    assert back.calibration == model.calibration
    samples = SPLIT.part("validation")
    np.testing.assert_array_equal(
        back.predict(SPLIT.rows, last_rows(samples)), model.predict(SPLIT.rows, last_rows(samples))
    )


def test_the_prediction_is_the_mean_over_the_networks(model: Ensemble) -> None:
    samples = SPLIT.part("validation")
    singles = [Ensemble((one,), model.scaler, model.hyper, model.schema) for one in model.networks]
    each = [single.predict(SPLIT.rows, last_rows(samples)) for single in singles]
    plain = replace(model, calibration=UNCALIBRATED).predict(SPLIT.rows, last_rows(samples))
    np.testing.assert_allclose(plain, np.mean(each, axis=0))
    calibrated = model.predict(SPLIT.rows, last_rows(samples))
    np.testing.assert_array_equal(calibrated, model.calibration.apply(plain))
    np.testing.assert_allclose(calibrated.sum(axis=1), 1)


def test_the_same_model_is_the_same_bytes(model: Ensemble, tmp_path: Path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
        checkpoint.save(model, folder)
    contents = [{f.name: f.read_bytes() for f in folder.iterdir()} for folder in folders]
    assert contents[0] == contents[1]
    assert set(contents[0]) == {"model.json", "network_0.safetensors", "network_1.safetensors"}


def test_no_row_after_a_window_changes_its_prediction(model: Ensemble) -> None:
    samples = SPLIT.part("validation").head(10)
    poisoned = SPLIT.rows.copy()
    poisoned[samples["last"].max() + 1 :] = np.nan
    np.testing.assert_array_equal(
        model.predict(poisoned, last_rows(samples)), model.predict(SPLIT.rows, last_rows(samples))
    )


@pytest.mark.parametrize("missing", ["model.json", "network_1.safetensors"])
def test_an_incomplete_folder_is_an_error(missing: str, model: Ensemble, tmp_path: Path) -> None:
    checkpoint.save(model, tmp_path)
    (tmp_path / missing).unlink()
    with pytest.raises(UserError, match="no complete model"):
        checkpoint.load(tmp_path)


@pytest.mark.parametrize(
    "damage", [lambda text: text[:50], lambda text: "{}", lambda text: text.replace("lstm", "cnn")]
)
def test_a_damaged_description_is_an_error(
    damage: Callable[[str], str], model: Ensemble, tmp_path: Path
) -> None:
    checkpoint.save(model, tmp_path)
    file = tmp_path / "model.json"
    file.write_text(damage(file.read_text()))
    with pytest.raises(UserError, match="no complete model"):
        checkpoint.load(tmp_path)


def test_weights_of_another_network_are_an_error(model: Ensemble, tmp_path: Path) -> None:
    checkpoint.save(model, tmp_path)
    file = tmp_path / "model.json"
    width = f'"hidden_dim": {model.hyper.hidden_dim}'
    assert width in file.read_text()
    file.write_text(file.read_text().replace(width, '"hidden_dim": 3'))
    with pytest.raises(UserError, match=r"no complete model .*size mismatch"):
        checkpoint.load(tmp_path)


def test_damaged_weights_are_an_error(model: Ensemble, tmp_path: Path) -> None:
    checkpoint.save(model, tmp_path)
    (tmp_path / "network_0.safetensors").write_bytes(b"not weights")
    with pytest.raises(UserError, match="no complete model"):
        checkpoint.load(tmp_path)
