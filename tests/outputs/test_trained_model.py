from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.model.synthetic import synthetic_split
from tribar.dataset.splits import nested_kfold
from tribar.errors import UserError
from tribar.metrics.predictions import Probability
from tribar.outputs.trained_model import out_of_fold_table, read_out_of_fold
from tribar.outputs.writers import write_parquet

SPLIT = synthetic_split()
PARTS = nested_kfold(SPLIT.samples, SPLIT.schema.folds, SPLIT.schema.embargo)


def predictions() -> list[Probability]:
    rng = np.random.default_rng(0)
    return [rng.dirichlet([1, 1, 1], size=len(part.evaluated)) for part in PARTS]


def test_every_sample_is_predicted_once_by_its_fold() -> None:
    table, each = out_of_fold_table(SPLIT, predictions()), predictions()
    assert list(table) == ["symbol", "decision", "label", "fold", "down", "flat", "up"]
    keys = ["symbol", "decision", "label"]
    ordered = table.sort_values(["symbol", "decision"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(ordered[keys], SPLIT.samples[keys])
    for number, part in enumerate(PARTS):
        own = table[table["fold"] == number]
        expected = SPLIT.samples["decision"].iloc[part.evaluated]
        np.testing.assert_array_equal(own["decision"], expected)
        np.testing.assert_array_equal(own[["down", "flat", "up"]], each[number])


def test_the_predictions_come_back_to_the_bit(tmp_path: Path) -> None:
    write_parquet(tmp_path / "folds.parquet", out_of_fold_table(SPLIT, predictions()))
    back = read_out_of_fold(tmp_path / "folds.parquet", SPLIT)
    for one, other in zip(back, predictions(), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("fault", ["absent", "damaged", "other columns", "other data"])
def test_predictions_of_other_folds_are_refused(fault: str, tmp_path: Path) -> None:
    path = tmp_path / "baseline" / "folds.parquet"
    table = out_of_fold_table(SPLIT, predictions())
    if fault != "absent":
        write_parquet(path, table.drop(columns="up") if fault == "other columns" else table)
    if fault == "damaged":
        path.write_bytes(path.read_bytes()[:-9])
    split = synthetic_split(seed=1) if fault == "other data" else SPLIT
    with pytest.raises(UserError, match="of the folds of this prepared split; run `tribar train-b"):
        read_out_of_fold(path, split)
