from collections.abc import Callable
from pathlib import Path

import optuna
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.running import QUICK, options, run
from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.execution.executors import InlineExecutor
from tribar.search.conditions import in_order, restrict
from tribar.search.distributions import distributions, suggest
from tribar.search.grid import count_points
from tribar.stages.tune import tables
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trials import TrialRow

Shrunk = Callable[..., Params]
CONDITIONAL = (
    "tune.space.optimizer={type: categorical, choices: [adam, adamw]}",
    "tune.space.weight_decay="
    "{type: float, low: 1.0e-6, high: 0.1, log: true, when: {optimizer: adamw}}",
    "tune.space.clip_norm={type: float, low: 0.5, high: 2.0, when: {num_layers: [2, 3]}}",
)


class Killed(BaseException):
    """Stands for a kill: nothing in the study may catch it."""


def study(params: Params, folder: Path, die_at: int | None = None) -> tuple[TrialRow, ...]:
    def watch(row: TrialRow) -> None:
        if row.number == die_at:
            raise Killed

    with open_journal(folder, print) as journal:
        pool = TrialPool(Landscape(params), InlineExecutor(), journal, watch)
        return run_study(
            params.tune, params.baseline_hyper().by_name(), params.training.max_epochs, DOWN, pool
        ).rows


@pytest.mark.parametrize(
    "sampler", ["tpe", "random", pytest.param("gp", marks=pytest.mark.slow), "cmaes"]
)
def test_a_conditional_space_resumes_exactly(sampler: str, shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(
        *CONDITIONAL, f"tune.sampler.name={sampler}", "tune.sampler.tpe.group=true",
        "tune.n_trials=20", "tune.sampler.gp.n_startup_trials=5",
    )  # fmt: skip
    whole = study(params, tmp_path / "whole")
    for point in (2, 9, 14):
        with pytest.raises(Killed):
            study(params, tmp_path / f"{point}", die_at=point)
        assert study(params, tmp_path / f"{point}") == whole
    for row in whole:
        assert ("weight_decay" in row.params) == (row.params["optimizer"] == "adamw")
        assert ("clip_norm" in row.params) == (int(row.params["num_layers"]) >= 2)
    assert {"weight_decay" in row.params for row in whole} == {True, False}


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_every_draw_has_what_its_conditions_say_and_nothing_else(seed: int, shrunk: Shrunk) -> None:
    space = shrunk(*CONDITIONAL).tune.space
    sampler = optuna.samplers.RandomSampler(seed=seed)
    point = suggest(optuna.create_study(sampler=sampler).ask(), space)
    assert restrict(space, point) == point
    assert ("weight_decay" in point) == (point["optimizer"] == "adamw")
    assert ("clip_norm" in point) == (point["num_layers"] in (2, 3))


def test_without_conditions_it_is_optunas_fixed_distributions(shrunk: Shrunk) -> None:
    space = shrunk().tune.space
    ours, theirs = (
        optuna.create_study(sampler=optuna.samplers.TPESampler(seed=3, n_startup_trials=4))
        for _ in range(2)
    )
    for number in range(20):
        mine, fixed = ours.ask(), theirs.ask(fixed_distributions=distributions(space))
        assert suggest(mine, space) == fixed.params
        ours.tell(mine, number % 7)
        theirs.tell(fixed, number % 7)


def test_dimensions_come_after_those_that_they_depend_on(shrunk: Shrunk) -> None:
    space = shrunk(
        "tune.space={weight_decay: {type: fixed, value: 0.1, when: {optimizer: adamw}}, "
        "dropout: {type: fixed, value: 0.1}, "
        "optimizer: {type: categorical, choices: [adam, adamw]}}"
    ).tune.space
    assert list(in_order(space)) == ["dropout", "optimizer", "weight_decay"]
    assert list(in_order(shrunk().tune.space)) == list(shrunk().tune.space)


FAULTS = {
    "tune.space.dropout.when={schedule: cosine}": "tune.space.dropout.when.schedule",
    "tune.space.dropout.when={cell: gru}": (
        "space.dropout.when.cell: no dimension of the space; add it, or drop this"
    ),
    "tune.space.dropout.when={batch_size: 48}": (
        "space.dropout.when.batch_size: 48 is no value of batch_size"
    ),
    "tune.space.dropout.when={num_layers: [1, 9]}": "9 is no value of num_layers",
    "tune.enqueue=[{dropout: 0.9}]": "enqueue.0.dropout: 0.9 is outside 0 to 0.5 in steps of 0.1",
    "tune.enqueue=[{dropout: 0.1}, {cell: gru}]": "enqueue.1.cell: no dimension of tune.space",
    "tune.enqueue=[{hidden_dim: 64.0}]": "enqueue.0.hidden_dim: 64.0 is outside 16 to 96",
    "tune.space.dropout.when={learning_rate: 0.001}": "learning_rate: it is continuous; give it",
    "tune.enqueue=[{batch_size: 48}]": "enqueue.0.batch_size: 48 is outside [32, 64, 128]",
    "tune.sampler.name=brute_force": "brute_force needs a step in learning_rate",
}


@pytest.mark.parametrize("override", FAULTS)
def test_a_faulty_space_is_refused_by_name(override: str, shrunk: Shrunk) -> None:
    with pytest.raises(UserError) as error:
        shrunk(override)
    assert FAULTS[override] in str(error.value)


def test_conditions_that_bite_each_other_are_refused(shrunk: Shrunk) -> None:
    with pytest.raises(UserError, match="dropout and batch_size depend on each other"):
        shrunk(
            "tune.space={dropout: {type: fixed, value: 0.1, when: {batch_size: 32}}, "
            "batch_size: {type: fixed, value: 32, when: {dropout: 0.1}}}"
        )
    with pytest.raises(UserError, match="space: dropout and batch_size depend on each other"):
        shrunk(
            "tune.space={dropout: {type: fixed, value: 0.1, when: {batch_size: 32}}, "
            "num_layers: {type: fixed, value: 2, when: {dropout: 0.1}}, "
            "batch_size: {type: fixed, value: 32, when: {dropout: 0.1}}}"
        )
    with pytest.raises(UserError, match=r"enqueue.0.residual: 1 is outside \[True\]"):
        shrunk("tune.space={residual: {type: fixed, value: true}}", "tune.enqueue=[{residual: 1}]")
    with pytest.raises(UserError, match="dropout depends on itself: drop one condition"):
        shrunk("tune.space={dropout: {type: fixed, value: 0.1, when: {dropout: 0.1}}}")
    with pytest.raises(UserError, match=r"num_layers.when.dropout: no value; give those of dr"):
        shrunk("tune.space.num_layers={type: int, low: 1, high: 3, when: {dropout: []}}")
    with pytest.raises(UserError, match="grid knows no conditions"):
        shrunk(*CONDITIONAL, "tune.sampler.name=grid")
    with pytest.raises(
        UserError, match=r"enqueue.0.weight_decay: its condition does not hold; give the point"
    ):
        shrunk(*CONDITIONAL, "tune.enqueue=[{optimizer: adam, weight_decay: 0.01}]")


def test_points_are_tried_after_the_baseline(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(
        *CONDITIONAL, "tune.n_trials=8", "tune.lag=2",
        "tune.enqueue=[{dropout: 0.5}, {optimizer: adamw, weight_decay: 0.01, num_layers: 1}]",
    )  # fmt: skip
    rows = study(params, tmp_path / "whole")
    baseline = params.baseline_hyper().by_name()
    assert {k: baseline[k] for k in ("learning_rate", "hidden_dim")}.items() <= rows[
        0
    ].params.items()
    assert rows[1].params["dropout"] == 0.5
    assert len(rows[1].params) >= 6
    given = {"optimizer": "adamw", "weight_decay": 0.01, "num_layers": 1}
    assert given.items() <= rows[2].params.items()
    with pytest.raises(Killed):
        study(params, tmp_path / "killed", die_at=1)
    assert study(params, tmp_path / "killed") == rows


@pytest.mark.parametrize("sampler", ["qmc", "cmaes", "gp"])
def test_points_are_tried_whatever_the_sampler(
    sampler: str, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(
        f"tune.sampler.name={sampler}", "tune.enqueue=[{dropout: 0.5}]", "tune.n_trials=6"
    )
    rows = study(params, tmp_path)
    assert rows[1].params["dropout"] == 0.5
    assert study(params, tmp_path) == rows


@pytest.mark.parametrize("name", ["grid", "brute_force"])
def test_a_finite_space_is_tried_whole_whatever_is_enqueued(
    name: str, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(
        "tune.space={num_layers: {type: int, low: 1, high: 4, log: true}, "
        "learning_rate: {type: float, low: 0.01, high: 0.02, step: 0.01}, "
        "hidden_dim: {type: fixed, value: 32}, dropout: {type: fixed, value: 0.2}, "
        "batch_size: {type: fixed, value: 32}}",
        "tune.enqueue=[{num_layers: 2}, {num_layers: 2, learning_rate: 0.01}]",
        f"tune.sampler.name={name}", "tune.sampler.grid.points=3", "tune.n_trials=40",
    )  # fmt: skip
    rows = study(params, tmp_path)
    seen = {
        (row.params["num_layers"], round(float(row.params["learning_rate"]), 2)) for row in rows
    }
    values = (1, 2, 4) if name == "grid" else (1, 2, 3, 4)
    assert seen >= {(layers, rate) for layers in values for rate in (0.01, 0.02)}
    assert len(rows) < 40


def test_a_condition_on_a_grid_of_floats_holds_in_spite_of_rounding(shrunk: Shrunk) -> None:
    space = shrunk("tune.space.num_layers={type: int, low: 1, high: 3, when: {dropout: 0.3}}")
    sampler = optuna.samplers.RandomSampler(seed=1)
    random_study = optuna.create_study(sampler=sampler)
    points = [suggest(random_study.ask(), space.tune.space) for _ in range(40)]
    assert any(abs(float(point["dropout"]) - 0.3) < 1e-9 for point in points)
    for point in points:
        assert ("num_layers" in point) == (abs(float(point["dropout"]) - 0.3) < 1e-9)


def test_a_condition_may_name_a_float_as_a_whole_number(shrunk: Shrunk) -> None:
    space = shrunk("tune.space.num_layers={type: int, low: 1, high: 3, when: {dropout: 0}}")
    assert space.tune.space["num_layers"].is_active({"dropout": 0.0})
    assert not space.tune.space["num_layers"].is_active({"dropout": 0.1})


def test_a_space_of_one_point(shrunk: Shrunk, tmp_path: Path) -> None:
    one = (
        "tune.space={dropout: {type: fixed, value: 0.3}, num_layers: {type: int, low: 2, high: 2}}"
    )
    params = shrunk(one, "tune.n_trials=4")
    space = params.tune.space
    study_ = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=0, n_startup_trials=0))
    for _ in range(3):
        trial = study_.ask()
        assert suggest(trial, space) == {"dropout": 0.3, "num_layers": 2}
        study_.tell(trial, 1.0)
    assert count_points(space, most=9) == 1


def test_a_space_that_does_not_fit_into_this_machine_is_refused_with_the_point(
    prepared: Path,
) -> None:
    done = run(
        "tune", "-S", "tune.space.batch_size={type: categorical, choices: [32, 1000000]}",
        "-S", "tune.space.hidden_dim={type: fixed, value: 4096}",
        "-S", "training.supervision=sliding",
        "--output", str(prepared), home=prepared, code=2,
    )  # fmt: skip
    for part in ("tune.space: it can draw", "batch_size 1000000", " GiB for "):
        assert part in done.stderr
    assert not (prepared / ".tribar").exists()


def test_absent_parameters_are_empty_in_the_tables(shrunk: Shrunk) -> None:
    space = shrunk(*CONDITIONAL).tune.space
    names = ("optimizer", "weight_decay")
    rows = [
        TrialRow(0, "COMPLETE", (1.0,), {"optimizer": "adam"}, (1.0,)),
        TrialRow(1, "COMPLETE", (1.1,), {"optimizer": "adamw", "weight_decay": 0.1}, (1.1,)),
        TrialRow(2, "COMPLETE", (1.3,), {"optimizer": "adamw", "weight_decay": 0.01}, (1.3,)),
        TrialRow(3, "COMPLETE", (1.2,), {"optimizer": "adamw", "weight_decay": 0.05}, (1.2,)),
    ]
    part = {name: space[name] for name in names}
    table = tables.trial_table(rows, part)
    assert table["weight_decay"].isna().tolist() == [True, False, False, False]
    correlation = tables.correlation_table(rows, part).set_index("parameter")
    assert correlation.loc["weight_decay", "value"] == pytest.approx(-1)
    importance = tables.importance_table(rows, part)
    assert importance["importance"].sum() == pytest.approx(1)


@pytest.mark.parametrize("space", ["{}", "{residual: {type: fixed, value: true}}"])
def test_a_study_that_searches_nothing_has_its_tables(
    space: str, prepared: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").symlink_to(prepared / "data")
    nothing = (*QUICK[:-3], "tune.n_trials=2", f"tune.space={space}", "model.hidden_dim=8")
    run("tune", *options(*nothing), "--output", str(tmp_path), home=tmp_path)
    table = pd.read_csv(tmp_path / "results/tune/correlation.csv")
    assert table["parameter"].tolist() == ["value"]


def test_a_real_study_of_a_conditional_space(prepared: Path, tmp_path: Path) -> None:
    (tmp_path / "data").symlink_to(prepared / "data")
    run("tune", *options(*QUICK, *CONDITIONAL[:2]), "--output", str(tmp_path), home=tmp_path)
    text = (tmp_path / "results/tune/trials.csv").read_text()
    assert "weight_decay" in text.splitlines()[0]
