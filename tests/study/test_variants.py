"""Every sampler and every pruner, held to the study's promises by one table."""

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import get_args

import pytest

from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.execution.executors import InlineExecutor
from tribar.execution.processes import ProcessExecutor
from tribar.search.config import SamplerName
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.pruning.config import PrunerName
from tribar.trial.result import TrialResult
from tribar.trials import TrialRequest, TrialRow

Shrunk = Callable[..., Params]
TRIALS, EPOCHS, LAG = 20, 6, 4
STEPPED = (
    "tune.space={learning_rate: {type: float, low: 0.001, high: 0.005, step: 0.001}, "
    "hidden_dim: {type: int, low: 32, high: 64, step: 16}, "
    "dropout: {type: fixed, value: 0.2}, num_layers: {type: fixed, value: 1}, "
    "batch_size: {type: categorical, choices: [32, 64]}}"
)
CMAES = (
    "{{n_startup_trials: 2, popsize: 4, consider_pruned_trials: {pruned}, "
    "use_separable_cma: {separable}, with_margin: {margin}, lr_adapt: {adapt}}}"
)


def cmaes(**chosen: str) -> str:
    options = dict.fromkeys(("pruned", "separable", "margin", "adapt"), "false") | chosen
    return f"tune.sampler.cmaes={CMAES.format(**options)}"


SAMPLERS: dict[str, tuple[str, ...]] = {
    "tpe": ("tune.sampler.name=tpe",),
    "tpe, group": ("tune.sampler.name=tpe", "tune.sampler.tpe.group=true"),
    "random": ("tune.sampler.name=random",),
    "sobol": ("tune.sampler.name=qmc",),
    "halton": ("tune.sampler.name=qmc", "tune.sampler.qmc.qmc_type=halton"),
    "cmaes": ("tune.sampler.name=cmaes", cmaes()),
    "cmaes, pruned trials too": ("tune.sampler.name=cmaes", cmaes(pruned="true")),
    "cmaes, separable": ("tune.sampler.name=cmaes", cmaes(separable="true")),
    "cmaes, margin": ("tune.sampler.name=cmaes", cmaes(margin="true")),
    "cmaes, learning rate": ("tune.sampler.name=cmaes", cmaes(adapt="true")),
    "gp": ("tune.sampler.name=gp", "tune.sampler.gp.n_startup_trials=16"),
    "grid": ("tune.sampler.name=grid", STEPPED),
    "brute force": ("tune.sampler.name=brute_force", STEPPED),
}
PRUNERS: dict[str, tuple[str, ...]] = {
    "median": ("tune.pruner.name=median",),
    "percentile": ("tune.pruner.name=percentile",),
    "successive halving": ("tune.pruner.name=successive_halving",),
    "successive halving, auto": (
        "tune.pruner.name=successive_halving",
        "tune.pruner.successive_halving.min_resource=auto",
    ),
    "hyperband": ("tune.pruner.name=hyperband",),
    "hyperband, fixed": ("tune.pruner.name=hyperband", "tune.pruner.hyperband.max_resource=6"),
    "patient": ("tune.pruner.name=patient", "tune.pruner.patient.min_delta=0.0"),
    "threshold": ("tune.pruner.name=threshold", "tune.pruner.threshold.upper=1.35"),
    "wilcoxon": ("tune.pruner.name=wilcoxon", "tune.objective.over=folds_in_turn"),
}
VARIANTS = {name: (*chosen, "tune.pruner.name=median") for name, chosen in SAMPLERS.items()} | {
    name: ("tune.sampler.name=random", *chosen) for name, chosen in PRUNERS.items()
}


def test_every_sampler_and_pruner_is_tried() -> None:
    for variants, names in ((SAMPLERS, SamplerName), (PRUNERS, PrunerName)):
        tried = {chosen[0].partition("=")[2] for chosen in variants.values()}
        assert tried == set(get_args(names)) - {"none"}


class Killed(BaseException):
    """Stands for a kill: nothing in the study may catch it."""


def settings(name: str, shrunk: Shrunk, *more: str) -> Params:
    common = (f"tune.lag={LAG}", f"tune.n_trials={TRIALS}", f"training.max_epochs={EPOCHS}")
    return shrunk(*common, *VARIANTS[name], *more)


def study(
    params: Params,
    folder: Path,
    executor: Executor | None = None,
    die_at: int | None = None,
    delay: float = 0.0,
) -> tuple[TrialRow, ...]:
    def watch(row: TrialRow) -> None:
        if row.number == die_at:
            raise Killed

    with open_journal(folder, print) as journal:
        pool = TrialPool(
            Landscape(params, delay=delay, rises=0.2), executor or InlineExecutor(), journal, watch
        )
        return run_study(
            params.tune,
            params.baseline_hyper().by_name(),
            EPOCHS,
            ObjectiveSpec.of(params.tune.objective),
            pool,
        ).rows


@pytest.mark.parametrize("name", VARIANTS)
def test_a_study_is_the_same_again_resumed_and_on_more_workers(
    name: str, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = settings(name, shrunk)
    whole = study(params, tmp_path / "whole")
    assert len(whole) == TRIALS
    assert study(params, tmp_path / "again") == whole
    for point in (1, 4, 9, 13):
        folder = tmp_path / f"killed {point}"
        with pytest.raises(Killed):
            study(params, folder, die_at=point)
        assert study(params, folder) == whole, point
    for workers in (2, 4):
        with ThreadPoolExecutor(workers) as pool:
            assert study(params, tmp_path / f"{workers}", pool, delay=0.0003) == whole, workers
    short = settings(name, shrunk, "tune.n_trials=9")
    assert study(short, tmp_path / "short") == whole[:9]


@pytest.mark.slow
@pytest.mark.parametrize("workers", [2, 4, 8])
@pytest.mark.parametrize("name", ["tpe", "cmaes", "gp", "sobol", "hyperband", "median"])
def test_processes_change_nothing(name: str, workers: int, shrunk: Shrunk, tmp_path: Path) -> None:
    params = settings(name, shrunk, "tune.lag=8")
    whole = study(params, tmp_path / "whole")
    with ProcessExecutor(workers) as pool:
        assert study(params, tmp_path / "processes", pool, delay=0.001) == whole


@pytest.mark.parametrize("name", PRUNERS)
def test_every_pruner_prunes_and_says_what_by(name: str, shrunk: Shrunk, tmp_path: Path) -> None:
    rows = study(settings(name, shrunk), tmp_path)
    last = [row.checks[-1] for row in rows if row.state == "PRUNED"]
    assert last
    for check in last:
        assert check.pruned
        assert check.rule.startswith(VARIANTS[name][1].partition("=")[2])
        if name in ("median", "percentile", "threshold", "patient"):
            assert check.threshold is not None
            assert check.value > check.threshold or name == "patient"
        else:
            assert (check.threshold, check.compared) == (None, 0)
    kept = [check for row in rows for check in row.checks if not check.pruned]
    assert kept


@pytest.mark.parametrize(("name", "points"), [("grid", 30), ("brute force", 30)])
def test_a_finite_space_ends_the_study(
    name: str, points: int, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = settings(name, shrunk, "tune.n_trials=60")
    with open_journal(tmp_path, print) as journal:
        pool = TrialPool(Landscape(params), InlineExecutor(), journal)
        result = run_study(params.tune, {}, EPOCHS, DOWN, pool)
    assert len(result.rows) == points
    assert result.stopped_by == "space"
    assert len({tuple(row.params.items()) for row in result.rows}) == 30


def test_a_sequence_goes_on_where_it_stopped(shrunk: Shrunk, tmp_path: Path) -> None:
    """A sampler of a new seed for each trial would fill the space no better than chance."""
    params = settings("sobol", shrunk, "tune.n_trials=17", "tune.lag=1")
    folder = partial(study, params, tmp_path)
    rates = sorted(float(row.params["dropout"]) for row in folder()[1:])
    counts = [sum(rate < 0.3 for rate in rates), sum(rate >= 0.3 for rate in rates)]
    assert counts == [8, 8]


def test_a_trial_of_several_metrics_may_fail_in_its_course(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(
        "tune.objective.metrics=[log_loss, accuracy]", "tune.pruner.name=none", "tune.n_trials=3"
    )

    def run(request: TrialRequest) -> TrialResult:
        row = TrialRow(request.number, "COMPLETE", (1.0, 0.5), request.params, (1.0,))
        if request.number == 1:
            row = TrialRow(1, "FAIL", (), request.params, (1.5,), reason="DivergedError: nan")
        return TrialResult(row)

    spec = ObjectiveSpec.of(params.tune.objective)
    with open_journal(tmp_path, print) as journal:
        pool = TrialPool(run, InlineExecutor(), journal)
        result = run_study(params.tune, {}, EPOCHS, spec, pool)
    assert [row.state for row in result.rows] == ["COMPLETE", "FAIL", "COMPLETE"]
