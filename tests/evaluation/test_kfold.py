import numpy as np
import pandas as pd
import pytest

from tests.model.synthetic import synthetic_split
from tribar.dataset.splits import nested_kfold
from tribar.evaluation.kfold import differences, fold_losses
from tribar.evaluation.references import uniform

SPLIT = synthetic_split()
PARTS = nested_kfold(SPLIT.samples, SPLIT.schema.folds, SPLIT.schema.embargo)


def test_each_fold_has_a_line_for_everyone() -> None:
    even = [uniform(len(part.evaluated)) for part in PARTS]
    sure = [np.tile([0.0, 0.0, 1.0], (len(part.evaluated), 1)) for part in PARTS]
    table = fold_losses(SPLIT, {"best": even, "baseline": sure})
    assert list(table) == ["fold", "who", "decisions", "log_loss"]
    assert table["who"].tolist() == ["best", "baseline"] * len(PARTS)
    assert table["fold"].tolist() == sorted(list(range(len(PARTS))) * 2)
    losses = table.pivot(index="fold", columns="who", values="log_loss")
    np.testing.assert_allclose(losses["best"], np.log(3))
    for number, part in enumerate(PARTS):
        wrong = (SPLIT.samples["label"].to_numpy()[part.evaluated] != 1).mean()
        assert losses["baseline"][number] == pytest.approx(-wrong * np.log(2**-23))
    decisions = table[table["who"] == "best"]["decisions"]
    assert decisions.tolist() == [len(part.evaluated) for part in PARTS]


def test_differences_by_hand() -> None:
    table = pd.DataFrame(
        {
            "fold": [0, 0, 0, 1, 1, 1, 2, 2, 2],
            "who": ["best", "baseline", "prior"] * 3,
            "log_loss": [1.0, 1.1, 0.9, 1.2, 1.1, 1.3, 1.1, 1.4, 1.1],
        }
    )
    found = differences(table)
    assert list(found) == ["baseline", "prior"]
    assert found["baseline"] == pytest.approx((-0.1, 0.2))
    assert found["prior"] == pytest.approx((0.0, 0.1))
