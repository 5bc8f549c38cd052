from collections.abc import Callable
from pathlib import Path

import pytest

from tests.model.synthetic import synthetic_split
from tribar.config.schema import Params
from tribar.dataset.prepared import write_split
from tribar.ensemble.training import Configuration
from tribar.records.identity import identify, identify_training


@pytest.mark.parametrize(
    ("override", "same"),
    [
        ("training.calibration=none", True),
        ("training.seeds=5", True),
        ("training.max_epochs=5", False),
        ("training.patience=1", False),
    ],
)
def test_what_no_training_depends_on_takes_up_its_progress(
    override: str, same: bool, shrunk: Callable[..., Params], tmp_path: Path
) -> None:
    write_split(synthetic_split(), tmp_path)

    def digests(params: Params) -> tuple[str, str]:
        hyper = params.baseline_hyper()
        configuration = Configuration(tmp_path, hyper, params.training, "cpu", tmp_path)
        return identify_training(configuration), identify(params, tmp_path, "cpu").digest

    before, after = digests(shrunk()), digests(shrunk(override))
    assert [one == other for one, other in zip(before, after, strict=True)] == [same, same]
