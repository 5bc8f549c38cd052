"""The attention of the best model, in the results of a real pipeline."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.running import QUICK, options, run

CHANGES = (*QUICK, "tune.n_trials=1", "model.pooling=attention", "model.skip_rows=1")
POOLING = "tune.space.pooling={type: fixed, value: attention}"


@pytest.mark.slow
def test_each_decision_of_the_test_split_has_its_weights(prepared: Path, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(prepared / "data")
    for stage in ("train-baseline", "tune", "train-best", "evaluate"):
        run(stage, "--output", str(tmp_path), *options(*CHANGES, POOLING), home=tmp_path)
    folder = tmp_path / "results" / "evaluate"
    each = pd.read_parquet(folder / "attention.parquet")
    mean = pd.read_csv(folder / "attention.csv")
    samples = pd.read_parquet(prepared / "data/prepared/test/samples.parquet")
    pd.testing.assert_frame_equal(each[["symbol", "decision"]], samples[["symbol", "decision"]])
    window = json.loads((prepared / "data/prepared/test/schema.json").read_text())["window"]
    weights = each.filter(like="bars_before_")
    bars_before = mean["bars_before"].tolist()
    assert list(weights) == [f"bars_before_{n}" for n in bars_before]
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-4)
    np.testing.assert_allclose(weights.mean(), mean["weight"], rtol=1e-4)
    assert bars_before == list(range(window - 1, -1, -1))
