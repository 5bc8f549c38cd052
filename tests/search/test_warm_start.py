import json
import shutil
from collections import Counter
from collections.abc import Callable
from io import StringIO
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState, create_trial
from rich.console import Console

from tests.running import QUICK, ROOT, options, run
from tests.study.landscape import DOWN, Landscape, landscape
from tribar.commands.study.import_trials import import_trials
from tribar.config.reading import read_params
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.execution.executors import InlineExecutor
from tribar.outputs.workspace import Workspace
from tribar.records.earlier_trials import from_storage
from tribar.runtime import derive_seed
from tribar.search.distributions import distributions
from tribar.search.warm_start import KnownTrial, filter_compatible, read_warm_start
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trials import Direction, TrialRow

Shrunk = Callable[..., Params]
POINT = {
    "learning_rate": 0.001, "hidden_dim": 64, "num_layers": 2, "dropout": 0.2, "batch_size": 32,
    "pooling": "last", "skip_rows": 0, "averaging": "none",
}  # fmt: skip


class Killed(BaseException):
    """Stands for a kill: nothing in the study may catch it."""


def known(params: Params, count: int = 8) -> tuple[KnownTrial, ...]:
    """Return random trials of an earlier study."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=9))
    searched = distributions(params.tune.space)
    points = [study.ask(fixed_distributions=searched).params for _ in range(count)]
    return tuple(KnownTrial(params=point, value=landscape(point)) for point in points)


def study(
    params: Params, folder: Path, earlier: tuple[KnownTrial, ...], die_at: int | None = None
) -> tuple[TrialRow, ...]:
    def watch(row: TrialRow) -> None:
        if row.number == die_at:
            raise Killed

    with open_journal(folder, print) as journal:
        pool = TrialPool(Landscape(params), InlineExecutor(), journal, watch)
        return run_study(
            params.tune,
            params.baseline_hyper().by_name(),
            params.training.max_epochs,
            DOWN,
            pool,
            earlier,
        ).rows


def test_a_warm_study_proposes_what_optuna_would(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk("tune.lag=1", "tune.n_trials=10", "tune.pruner.name=none")
    earlier = known(params)
    ours = study(params, tmp_path, earlier)
    plain = optuna.create_study(study_name="tribar")
    searched = distributions(params.tune.space)
    for one in earlier:
        plain.add_trial(
            create_trial(value=one.value, params=dict(one.params), distributions=searched)
        )
    baseline = params.baseline_hyper().by_name()
    plain.enqueue_trial({name: baseline[name] for name in params.tune.space})
    for row in ours:
        seed = derive_seed(params.tune.seed, "sampler", row.number)
        plain.sampler = optuna.samplers.TPESampler(
            seed=seed, **params.tune.sampler.tpe.model_dump()
        )
        trial = plain.ask(fixed_distributions=searched)
        assert trial.params == row.params
        for epoch, loss in enumerate(row.curve):
            trial.report(loss, epoch)
        plain.tell(trial, row.value, state=TrialState.COMPLETE)


@pytest.mark.parametrize("sampler", ["tpe", "gp"])
def test_a_warm_study_resumes_exactly_and_numbers_its_own_trials(
    sampler: str, shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(f"tune.sampler.name={sampler}", "tune.n_trials=12")
    earlier = known(params)
    whole = study(params, tmp_path / "whole", earlier)
    assert [row.number for row in whole] == list(range(12))
    for point in (1, 7):
        with pytest.raises(Killed):
            study(params, tmp_path / f"{point}", earlier, die_at=point)
        assert study(params, tmp_path / f"{point}", earlier) == whole
    cold = study(params, tmp_path / "cold", ())
    assert cold[0].params == whole[0].params
    assert [row.params for row in cold] != [row.params for row in whole]


def test_a_sampler_that_does_not_learn_takes_no_notice(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk("tune.sampler.name=qmc", "tune.n_trials=6")
    cold = study(params, tmp_path / "cold", ())
    assert study(params, tmp_path / "warm", known(params)) == cold


REASONS = {
    "fits": (POINT, ""),
    "says more that is equal": ({**POINT, "optimizer": "adam", "cell": "lstm"}, ""),
    "lacks one": ({k: v for k, v in POINT.items() if k != "dropout"}, "dropout is missing"),
    "off the grid": ({**POINT, "hidden_dim": 65}, "hidden_dim outside tune.space"),
    "out of range": ({**POINT, "learning_rate": 1.0}, "learning_rate outside tune.space"),
    "another value of what is fixed": ({**POINT, "cell": "gru"}, "cell other than lstm"),
    "of another library": ({**POINT, "gamma": 1.0}, "gamma is no hyperparameter here"),
}


@pytest.mark.parametrize("case", REASONS)
def test_a_trial_is_kept_or_dropped_for_a_reason(case: str, shrunk: Shrunk) -> None:
    params = shrunk()
    point, reason = REASONS[case]
    space = params.tune.space
    fixed = params.fixed_values()
    filtered = filter_compatible(
        [KnownTrial.model_validate({"params": point, "value": 1.0})], space, fixed
    )
    assert len(filtered.kept) == (not reason)
    assert filtered.dropped == (Counter({reason: 1}) if reason else Counter())


def test_a_conditional_space_asks_for_what_it_has(shrunk: Shrunk) -> None:
    params = shrunk(
        "tune.space={optimizer: {type: categorical, choices: [adam, adamw]}, "
        "weight_decay: {type: float, low: 0.001, high: 0.1, when: {optimizer: adamw}}}"
    )
    space = params.tune.space
    fixed = params.fixed_values()
    trials = [
        KnownTrial(params={"optimizer": "adam"}, value=1.0),
        KnownTrial(params={"optimizer": "adamw"}, value=1.0),
        KnownTrial(params={"optimizer": "adamw", "weight_decay": 0.01}, value=1.0),
    ]
    filtered = filter_compatible(trials, space, fixed)
    assert filtered.kept == (trials[0], trials[2])
    assert filtered.dropped == {"weight_decay is missing": 1}


def test_a_file_that_is_none_is_one_error(tmp_path: Path) -> None:
    path = tmp_path / "warm_start.json"
    with pytest.raises(UserError, match=r"warm_start.json: No such file"):
        read_warm_start(path)
    for text, fault in (("[", "line 1"), ('{"trials": [{"params": {}}]}', r"trials.0.value")):
        path.write_text(text)
        with pytest.raises(UserError, match=fault):
            read_warm_start(path)


def test_a_storages_study_is_found_or_named(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/other.db"
    with pytest.raises(UserError, match="no such SQLite file"):
        from_storage(url, None, Direction.MINIMIZE)
    for name in ("one", "two"):
        optuna.create_study(study_name=name, storage=url)
    with pytest.raises(UserError, match="several studies; choose with --name: one, two"):
        from_storage(url, None, Direction.MINIMIZE)
    with pytest.raises(UserError, match="no study 'three'"):
        from_storage(url, "three", Direction.MINIMIZE)
    with pytest.raises(UserError, match="does not maximize one value"):
        from_storage(url, "one", Direction.MAXIMIZE)


def test_a_study_is_imported_and_makes_another(prepared: Path, tmp_path: Path) -> None:
    """For real: a study, its import from journal and storage, and the warm study after it."""
    shutil.copytree(prepared / "data/prepared", tmp_path / "data/prepared")
    quick = options(*QUICK, "tune.n_trials=3", "training.max_epochs=1", "tune.rescore.seeds=0")
    run("tune", *quick, "--output", str(tmp_path), home=tmp_path)
    (study_,) = (tmp_path / ".tribar/studies").iterdir()
    target = tmp_path / "warm_start.json"
    said = run(
        "study", "import", study_.name[:6], "--to", str(target), *quick, home=tmp_path
    ).stdout
    assert "kept 3 of 3 trials" in said
    first = json.loads(target.read_text())
    assert len(first["trials"]) == 3
    url = f"sqlite:///{tmp_path}/optuna.db"
    run("study", "import", url, "--to", str(target), *quick, home=tmp_path)
    assert json.loads(target.read_text()) == first
    points = run(
        "study", "import", study_.name, "--as", "points", "--best", "1", *quick, home=tmp_path
    ).stdout
    assert "enqueue:" in points
    missing = run("study", "import", "ffff", *quick, home=tmp_path, code=2).stderr
    assert "no such study" in missing
    params = read_params(ROOT / "params.yaml", [*QUICK, "tune.n_trials=3"])
    assert "ran on other data" not in imported(params, tmp_path, study_.name)
    (tmp_path / "data/prepared/development/schema.json").write_text("{}")
    assert "ran on other data" in imported(params, tmp_path, study_.name)


def imported(params: Params, folder: Path, study_name: str) -> str:
    out = StringIO()
    workspace = Workspace(folder, None, folder)
    import_trials(params, workspace, Console(file=out), study_name, to=folder / "again.json")
    return out.getvalue()
