"""`dvc exp run` with every variation that the README names, for real, in a clone."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.pipeline import command, finish_queue, ran, rebuilt

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def repository_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rebuilt(tmp_path_factory.mktemp("first") / "clone")


def test_variations_run_beside_the_workspace(repository_clone: Path) -> None:
    """Each -S that the README names, in a copy (--temp) that leaves the workspace alone."""
    before = (repository_clone / "results/evaluate/metrics.json").read_bytes()
    more = command(
        repository_clone, "dvc", "exp", "run", "--temp", "-n", "more", "-S", "tune.n_trials=6"
    )
    assert "goes on after 5 trials" in more
    assert ran(more) >= {"tune"}
    gru = command(
        repository_clone, "dvc", "exp", "run", "--temp", "-n", "gru", "-S", "model.cell=gru"
    )
    assert ran(gru) >= {"tune", "train-best", "evaluate"}
    assert (repository_clone / "results/evaluate/metrics.json").read_bytes() == before
    assert command(repository_clone, "git", "status", "--porcelain") == ""
    shown = json.loads(command(repository_clone, "dvc", "exp", "show", "--json"))
    assert {"more", "gru"} <= {row.get("name") for row in shown[1]["experiments"][0]["revs"]} | {
        experiment["name"] for experiment in shown[1]["experiments"]
    }
    assert "model.cell" in command(repository_clone, "dvc", "params", "diff", "gru")
    assert "n_trials" in command(repository_clone, "dvc", "params", "diff", "more")
    difference = command(repository_clone, "dvc", "metrics", "diff", "gru", "--all")
    assert "best.log_loss" in difference


def test_a_queue_runs_on_two_workers(repository_clone: Path) -> None:
    command(
        repository_clone, "dvc", "exp", "run", "--queue", "-n", "sweep",
        "-S", "prepare.window=30,40", "-S", "tune.n_trials=2",
    )  # fmt: skip
    command(repository_clone, "dvc", "queue", "start", "-j", "2")
    status = finish_queue(repository_clone)
    assert status.count("Success") == 2, status


def test_another_source_runs_as_an_experiment(repository_clone: Path, tmp_path: Path) -> None:
    sample = (repository_clone / "data/raw/us_indices.csv.gz").read_bytes()
    mine = tmp_path / "mine.csv.gz"
    mine.write_bytes(sample)
    output = command(
        repository_clone,
        "dvc",
        "exp",
        "run",
        "--temp",
        "-n",
        "mine",
        "-S",
        f"prepare.source={mine}",
    )
    assert ran(output) >= {"prepare"}


def test_one_trial_is_the_baseline(repository_clone: Path) -> None:
    """The command that rebuilds the baseline for changed data: its result is the baseline."""
    command(
        repository_clone, "dvc", "exp", "run", "--temp", "-n", "baseline", "-S", "tune.n_trials=1"
    )
    shown = command(repository_clone, "dvc", "metrics", "diff", "baseline", "--all", "--json")
    changes = json.loads(shown)["results/evaluate/metrics.json"]
    values = {key: change["old"] for key, change in changes.items()}
    best = {key for key in values if key.startswith("best.")}
    assert len(best) >= 8
    for key in best:
        assert values[key] == values[key.replace("best.", "baseline.")], key
    assert values["comparison.best_minus_baseline.difference"] == 0


def test_revisions_are_compared_on_the_decisions_that_both_have_judged(
    repository_clone: Path,
) -> None:
    """An experiment of other decisions, the same ones, better and worse ones, and no revision."""
    other = ("-n", "shorter", "-S", "prepare.labels.horizon=5")
    command(repository_clone, "dvc", "exp", "run", "--temp", *other)
    assert "all of both" in command(repository_clone, "tribar", "compare", "HEAD")
    equal = command(repository_clone, "tribar", "compare", "HEAD", "--md")
    assert "**workspace against HEAD: no evidence of a difference**" in equal
    either = "tribar compare shorter HEAD || test $? = 1"  # it may well be worse
    assert "with other labels left out" in command(repository_clone, "bash", "-c", either)
    table = repository_clone / "results/evaluate/losses.csv"
    losses = pd.read_csv(table)
    for change, word, code in ((-0.5, "better", 0), (0.5, "worse", 1)):
        noise = np.random.default_rng(0).normal(size=len(losses))
        losses.assign(best=losses["best"] + change + 0.1 * noise).to_csv(table, index=False)
        told = command(repository_clone, "tribar", "compare", "HEAD", code=code)
        assert f"(95 %): {word};" in told
    command(repository_clone, "git", "checkout", "--quiet", str(table))
    told = command(repository_clone, "tribar", "compare", "nowhere", code=2)
    assert "nowhere: no revision or experiment of this repository" in told
