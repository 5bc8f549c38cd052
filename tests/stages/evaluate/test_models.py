"""What evaluate says of the models themselves."""

from collections.abc import Callable

import numpy as np

from tests.model.synthetic import synthetic_split
from tribar.config.schema import Params
from tribar.ensemble.calibration import Calibration
from tribar.ensemble.ensemble import ensemble
from tribar.model.folds import make_fold
from tribar.model.training.trainer import train
from tribar.stages.evaluate.models import calibration_effect, describe_models

SPLIT = synthetic_split()


def test_the_parts_add_up_and_after_is_what_the_model_says(shrunk: Callable[..., Params]) -> None:
    params = shrunk("baseline.hidden_dim=8", "training.max_epochs=1", "model.skip_rows=1")
    hyper = params.baseline_hyper()
    fold = make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")
    trained = [train(fold, hyper, params.training, 42)]
    model = ensemble(trained, fold, hyper, Calibration(1.5, 0.25, (0.5, 0.2, 0.3)))
    described = describe_models({"best": model}, {"best": "0123"})["best"]
    assert described["version"] == "0123"
    assert set(described["parts"]) == {"encoder", "head", "skip"}
    assert sum(described["parts"].values()) == described["parameters"]
    assert described["features"] == len(SPLIT.schema.features)
    effect = calibration_effect(SPLIT, model, bins=10)
    sure = model.predict(SPLIT.rows, SPLIT.last).max(axis=1).mean()
    means = {
        moment: np.average(own["confidence"], weights=own["count"])
        for moment, own in effect.groupby("model")
    }
    assert np.isclose(means["after"], sure)
    assert not np.isclose(means["before"], sure)
