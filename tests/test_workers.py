"""Real trials on real processes: how many there are changes no byte of a result."""

from pathlib import Path

import pytest

from tests.running import QUICK, options, outputs, start

CELLS = "tune.space.cell={type: categorical, choices: [lstm, gru]}"
TUNE = ("tune", *options(*QUICK, CELLS, "tune.lag=8", "tune.n_trials=12", "tune.rescore.seeds=1"))


def tuned(prepared: Path, folder: Path, workers: int) -> dict[str, bytes]:
    folder.mkdir()
    (folder / "data").symlink_to(prepared / "data")
    process = start(*TUNE, "--output", str(folder), home=folder, workers=workers)
    _, err = process.communicate()
    assert process.returncode == 0, err
    return outputs(folder)


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 4, 8])
def test_the_number_of_workers_changes_no_byte(
    workers: int, alone: dict[str, bytes], prepared: Path, tmp_path: Path
) -> None:
    assert tuned(prepared, tmp_path / "study", workers) == alone


@pytest.fixture(scope="module")
def alone(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return tuned(prepared, tmp_path_factory.mktemp("alone") / "study", 1)
