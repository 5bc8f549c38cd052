from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.execution.executors import InlineExecutor
from tribar.stages.tune import tables
from tribar.study.journal import open_journal
from tribar.study.loop import StudyResult, run_study
from tribar.study.pool import TrialPool
from tribar.study.rescoring import Rescored
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trials import Direction, TrialRow

BY_HAND = (
    TrialRow(0, "FAIL", (), {"hidden_dim": 64}, reason="RuntimeError: made up"),
    TrialRow(1, "COMPLETE", (1.0,), {"hidden_dim": 32}, (1.5, 1.0, 1.1)),
    TrialRow(2, "PRUNED", (0.9,), {"hidden_dim": 48}, (0.9,)),
    TrialRow(3, "COMPLETE", (0.7,), {"hidden_dim": 96}, (0.7, 0.8)),
)


@pytest.fixture
def rows(shrunk: Callable[..., Params], tmp_path: Path) -> tuple[TrialRow, ...]:
    params = shrunk("tune.n_trials=25", "tune.sampler.name=random", "tune.pruner.name=none")
    with open_journal(tmp_path, print) as journal:
        pool = TrialPool(Landscape(params), InlineExecutor(), journal)
        return run_study(params.tune, {}, 4, DOWN, pool).rows


def test_history_by_hand(shrunk: Callable[..., Params]) -> None:
    space = {"hidden_dim": shrunk().tune.space["hidden_dim"]}
    table = tables.trial_table(BY_HAND, space)
    assert table.to_csv(index=False).splitlines() == [
        "trial,state,value,best,epochs,hidden_dim,reason",
        "0,FAIL,,,0,64,RuntimeError: made up",
        "1,COMPLETE,1.0,1.0,3,32,",
        "2,PRUNED,0.9,1.0,1,48,",
        "3,COMPLETE,0.7,0.7,2,96,",
    ]


def test_counts_by_hand() -> None:
    winner = Rescored(BY_HAND[3], (0.75, 0.85))
    assert tables.study_metrics(StudyResult(BY_HAND, "trials"), 4, winner) == {
        "best_value": 0.7,
        "best_trial": 3,
        "rescored_mean": 0.8,
        "rescored_std": pytest.approx(0.1 / 2**0.5),
        "trials": 4,
        "stopped_by": "trials",
        "completed": 2,
        "pruned": 1,
        "failed": 1,
        "epochs_run": 6,
        "epochs_saved": 3,
    }


def test_every_epoch_of_every_trial_is_kept() -> None:
    lines = tables.curve_table(BY_HAND).to_csv(index=False).splitlines()
    assert lines == [
        "trial,epoch,loss",
        "1,0,1.5",
        "1,1,1.0",
        "1,2,1.1",
        "2,0,0.9",
        "3,0,0.7",
        "3,1,0.8",
    ]


def test_correlations_are_scipys(shrunk: Callable[..., Params], rows: tuple[TrialRow, ...]) -> None:
    table = tables.correlation_table(rows, shrunk().tune.space).set_index("parameter")
    assert list(table.index) == list(table.columns)
    rates = [float(row.params["learning_rate"]) for row in rows]
    expected = spearmanr(rates, [row.value for row in rows]).statistic
    assert table.loc["learning_rate", "value"] == pytest.approx(expected)
    assert np.allclose(np.diag(table), 1)


def test_text_choices_stand_as_columns_of_their_own(shrunk: Callable[..., Params]) -> None:
    space = shrunk("tune.space={cell: {type: categorical, choices: [lstm, gru]}}").tune.space
    rows = [
        TrialRow(n, "COMPLETE", (float(n),), {"cell": cell})
        for n, cell in enumerate(["lstm", "gru"])
    ]
    table = tables.correlation_table(rows, space).set_index("parameter")
    assert table.loc["cell=gru", "value"] == pytest.approx(1)
    assert table.loc["cell=lstm", "value"] == pytest.approx(-1)


def test_importance_finds_what_matters(
    shrunk: Callable[..., Params], rows: tuple[TrialRow, ...]
) -> None:
    table = tables.importance_table(rows, shrunk().tune.space)
    assert table["parameter"].iloc[0] == "learning_rate"
    assert table["importance"].sum() == pytest.approx(1)
    assert set(table["parameter"]) == set(shrunk().tune.space)


def test_importance_of_a_single_trial_is_zero(shrunk: Callable[..., Params]) -> None:
    params = shrunk()
    row = TrialRow(0, "COMPLETE", (1.0,), dict.fromkeys(params.tune.space, 1), (1.0,))
    table = tables.importance_table([row], params.tune.space)
    assert table["importance"].tolist() == [0.0] * len(params.tune.space)


def test_the_pareto_table_by_hand() -> None:
    spec = ObjectiveSpec(("log_loss", "accuracy"), (Direction.MINIMIZE, Direction.MAXIMIZE))
    rows = [
        TrialRow(0, "COMPLETE", (1.0, 0.4), {}, (1.0,)),
        TrialRow(1, "COMPLETE", (1.1, 0.3), {}, (1.1,)),
        TrialRow(2, "COMPLETE", (1.2, 0.5), {}, (1.2,)),
    ]
    assert tables.pareto_table(rows, spec, chosen=2).to_csv(index=False).splitlines() == [
        "trial,metric,value,chosen",
        "0,log_loss,1.0,False",
        "0,accuracy,0.4,False",
        "2,log_loss,1.2,True",
        "2,accuracy,0.5,True",
    ]


def test_the_rescored_table_by_hand() -> None:
    again = Rescored(BY_HAND[1], (1.0, 2.0), ("DivergedError: loss is nan",))
    assert tables.rescored_table([again]).to_csv(index=False).splitlines() == [
        "trial,value,mean,std,seeds,reason",
        f"1,1.0,1.5,{2**-0.5},2,DivergedError: loss is nan",
    ]
