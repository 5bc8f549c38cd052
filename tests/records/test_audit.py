from collections.abc import Callable
from pathlib import Path

import pytest

from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.execution.executors import InlineExecutor
from tribar.records.audit import Audit, audit, sample_pruned
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import RunTrial, TrialPool
from tribar.trial.result import TrialResult
from tribar.trials import TrialRequest, TrialRow

Shrunk = Callable[..., Params]
STUDY = ("tune.n_trials=24", "tune.sampler.name=random", "training.max_epochs=4")


@pytest.fixture
def rows(shrunk: Shrunk, tmp_path: Path) -> tuple[TrialRow, ...]:
    params = shrunk(*STUDY)
    with open_journal(tmp_path / "study", print) as journal:
        pool = TrialPool(Landscape(params), InlineExecutor(), journal)
        return run_study(params.tune, {}, 4, DOWN, pool).rows


def audited(
    rows: tuple[TrialRow, ...],
    sample: list[TrialRow],
    run: RunTrial,
    folder: Path,
) -> Audit:
    with open_journal(folder, print) as journal:
        return audit(rows, sample, DOWN, TrialPool(run, InlineExecutor(), journal))


def test_a_finished_trial_begins_as_the_pruned_one_did(
    rows: tuple[TrialRow, ...], shrunk: Shrunk, tmp_path: Path
) -> None:
    sample = sample_pruned(rows, 50, seed=1)
    assert sample
    unpruned = Landscape(shrunk(*STUDY, "tune.pruner.name=none"))
    found = audited(rows, sample, unpruned, tmp_path / "audit")
    for one in found.audited:
        assert one.finished.curve[: len(one.pruned.curve)] == one.pruned.curve
        assert one.finished.state == "COMPLETE"
    assert found.steps_saved == sum(4 - len(row.curve) for row in sample)
    assert found.pruned == len(sample)
    assert found.steps_run == sum(len(row.curve) for row in rows)


def test_a_late_bloomer_would_have_won(rows: tuple[TrialRow, ...], tmp_path: Path) -> None:
    sample = sample_pruned(rows, 2, seed=1)

    def bloom(request: TrialRequest) -> TrialResult:
        end = 0.1 if request.number == sample[0].number else 9.0
        row = TrialRow(request.number, "COMPLETE", (end,), request.params, (9.0, end))
        return TrialResult(row)

    found = audited(rows, sample, bloom, tmp_path / "audit")
    assert [one.would_have_won for one in found.audited] == [True, False]
    assert "1 of 2 sampled trials" in found.lines()[-1]


def test_the_sample_is_seeded_and_blind(rows: tuple[TrialRow, ...]) -> None:
    pruned = [row for row in rows if row.state == "PRUNED"]
    first = sample_pruned(rows, 3, seed=1)
    assert first == sample_pruned(rows, 3, seed=1)
    assert len(first) == 3
    assert {row.number for row in first} <= {row.number for row in pruned}
    assert any(sample_pruned(rows, 3, seed) != first for seed in range(2, 8))


def test_without_a_pruned_trial_there_is_nothing_to_audit(tmp_path: Path) -> None:
    rows = (TrialRow(0, "COMPLETE", (1.0,), {}, (1.0,)),)
    assert audited(rows, [], lambda request: TrialResult(rows[0]), tmp_path).lines() == [
        "audit: no trial was pruned"
    ]
