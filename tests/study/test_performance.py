"""The files of a study's performance: there before the trial is, and the same however it ran."""

from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from tests.model.synthetic import synthetic_split
from tests.study.landscape import DOWN, Landscape
from tests.trial.test_replicas import SMALL
from tribar.config.schema import Params
from tribar.dataset.prepared import write_split
from tribar.errors import UserError
from tribar.execution.executors import InlineExecutor
from tribar.execution.processes import ProcessExecutor
from tribar.study.journal import Journal, open_journal
from tribar.study.loop import run_study
from tribar.study.performance import read_performance, write_performance
from tribar.study.pool import RunTrial, TrialPool
from tribar.trial.recipe import Recipe
from tribar.trial.result import Performance, Span
from tribar.trial.worker import run_trial
from tribar.trials import TrialRow

Shrunk = Callable[..., Params]
MADE_UP = Performance(
    np.array(["2020-01-01", "2020-01-02"], dtype="datetime64[ns]"),
    np.array([[1.0, np.nan], [0.5, -0.5]], dtype=np.float32),
)


@pytest.fixture
def params(shrunk: Shrunk) -> Params:
    return shrunk(
        *SMALL, "tune.n_trials=6", "tune.pruner.name=threshold",
        "tune.pruner.threshold={upper: 1.0, n_warmup_steps: 0}",
    )  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_split(synthetic_split(), folder)
    return folder


def tuned(
    params: Params, data: Path, folder: Path, executor: Executor | None = None
) -> tuple[TrialRow, ...]:
    recipe = Recipe(
        str(folder), data, folder / "running", "cpu", params.model, params.training,
        params.tune.pruner, 42, params.tune.objective,
    )  # fmt: skip
    return study(params, folder, partial(run_trial, recipe), executor)


def study(
    params: Params, folder: Path, run: RunTrial, executor: Executor | None = None
) -> tuple[TrialRow, ...]:
    with open_journal(folder, print) as journal, executor or InlineExecutor() as running:
        pool = TrialPool(run, running, journal)
        return run_study(params.tune, {}, params.training.max_epochs, DOWN, pool).rows


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "performance").iterdir()}


def test_every_trial_has_its_own_whatever_the_processes(
    params: Params, data: Path, tmp_path: Path
) -> None:
    rows = tuned(params, data, tmp_path / "alone")
    assert {row.state for row in rows} == {"COMPLETE", "PRUNED"}
    assert set(files(tmp_path / "alone")) == {"times.npy", *(f"{n}.npy" for n in range(len(rows)))}
    counts = synthetic_split().part("validation").groupby("decision").size()
    for row in rows:
        found = read_performance(tmp_path / "alone", row.number)
        assert found is not None
        value = row.value if row.state == "COMPLETE" else row.curve[-1]
        assert np.average(found.values[0], weights=counts) == pytest.approx(value, rel=1e-6)
    assert tuned(params, data, tmp_path / "two", ProcessExecutor(2)) == rows
    assert files(tmp_path / "two") == files(tmp_path / "alone")


class Killed(BaseException):
    """Stands for a kill: nothing in the study may catch it."""


def test_a_kill_before_the_journal_has_the_trial_changes_no_byte(
    params: Params, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tuned(params, data, tmp_path / "unbroken")
    plain = Journal.append

    def killed(journal: Journal, row: TrialRow, span: Span | None) -> None:
        if row.number == 3:
            raise Killed
        plain(journal, row, span)

    monkeypatch.setattr(Journal, "append", killed)
    with pytest.raises(Killed):
        tuned(params, data, tmp_path / "killed")
    monkeypatch.undo()
    assert (tmp_path / "killed/performance/3.npy").exists()
    tuned(params, data, tmp_path / "killed")
    assert files(tmp_path / "killed") == files(tmp_path / "unbroken")


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write_performance(tmp_path, 7, MADE_UP)
    found = read_performance(tmp_path, 7)
    assert found is not None
    assert (found.times == MADE_UP.times).all()
    np.testing.assert_array_equal(found.values, MADE_UP.values, strict=True)


def test_an_objective_without_decisions_has_none(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk("tune.n_trials=2")
    study(params, tmp_path, Landscape(params))
    assert read_performance(tmp_path, 0) is None
    assert not (tmp_path / "performance").exists()


@pytest.mark.parametrize("name", ["7.npy", "times.npy"])
@pytest.mark.parametrize("content", [b"", b"garbage", None])
def test_a_damaged_file_is_a_users_fault(content: bytes | None, name: str, tmp_path: Path) -> None:
    write_performance(tmp_path, 7, MADE_UP)
    path = tmp_path / "performance" / name
    path.write_bytes(path.read_bytes()[:-1] if content is None else content)
    with pytest.raises(UserError, match="the performance of trial 7 cannot be read"):
        read_performance(tmp_path, 7)
