from pathlib import Path

import pandas as pd
import pytest

from tests.running import ROOT
from tribar.config.reading import read_params
from tribar.records.openings import name_model, openings_of, record_opening


def _samples(first: int, last: int, symbol: str = "A") -> pd.DataFrame:
    days = pd.date_range("2024-01-01", periods=100, tz="UTC")[first:last]
    return pd.DataFrame({"symbol": symbol, "decision": days})


def _models(folder: Path, samples: pd.DataFrame) -> list[str]:
    return [one.model for one in openings_of(folder, samples)]


def test_a_model_counts_once_however_often_it_is_judged(tmp_path: Path) -> None:
    assert openings_of(tmp_path, _samples(0, 10)) == []
    for model in ("one", "one", "other"):
        record_opening(tmp_path, _samples(0, 10), model, "abc", "evaluate")
    found = openings_of(tmp_path, _samples(0, 10))
    assert sorted(one.model for one in found) == ["one", "other"]
    assert {(one.revision, one.reason) for one in found} == {("abc", "evaluate")}


@pytest.mark.parametrize(
    ("samples", "is_same"),
    [
        (_samples(0, 20), True),
        (_samples(5, 25), True),
        (_samples(10, 30), True),
        (_samples(11, 31), False),
        (_samples(10, 99), True),
        (_samples(0, 20, symbol="B"), False),
    ],
)
def test_half_of_the_decisions_make_it_the_same_test(
    tmp_path: Path, samples: pd.DataFrame, is_same: bool
) -> None:
    record_opening(tmp_path, _samples(0, 20), "one", "", "evaluate")
    assert _models(tmp_path, samples) == ["one"] * is_same


def test_a_model_is_its_configuration_and_data() -> None:
    params = read_params(ROOT / "params.yaml")
    hyper = params.baseline_hyper()
    known = name_model(hyper, params, "data")
    assert known == name_model(
        hyper, read_params(ROOT / "params.yaml", ["training.device=cpu"]), "data"
    )
    others = {
        name_model(hyper, params, "other data"),
        name_model(hyper.model_copy(update={"hidden_dim": 3}), params, "data"),
        name_model(hyper, read_params(ROOT / "params.yaml", ["training.seeds=1"]), "data"),
        name_model(hyper, read_params(ROOT / "params.yaml", ["base.seed=1"]), "data"),
    }
    assert len(others | {known}) == 5
