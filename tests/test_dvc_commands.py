"""`dvc repro`, `dvc metrics diff` and `dvc exp run`, for real, in clones of this repository."""

import json
from pathlib import Path

import pytest

from tests.pipeline import clone, command, commit, shrink

STAGES = ("prepare", "train-baseline", "tune", "train-best", "evaluate")


def ran(output: str) -> set[str]:
    return {stage for stage in STAGES if f"Running stage '{stage}'" in output}


def rebuilt(folder: Path) -> Path:
    shrink(clone(folder))
    command(folder, "dvc", "repro", "--force")
    commit(folder, "Quick results")
    return folder


@pytest.fixture(scope="module")
def repository_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rebuilt(tmp_path_factory.mktemp("first") / "clone")


def test_a_second_clone_rebuilds_the_same_bytes(repository_clone: Path, tmp_path: Path) -> None:
    second = rebuilt(tmp_path / "second")
    for name in ("dvc.lock", "results/tune/trials.csv", "results/evaluate/metrics.json"):
        assert (second / name).read_bytes() == (repository_clone / name).read_bytes()
    assert command(second, "git", "status", "--porcelain") == ""


def test_a_second_repro_runs_nothing(repository_clone: Path) -> None:
    output = command(repository_clone, "dvc", "repro")
    assert ran(output) == set()
    assert "up to date" in output
    command(repository_clone, "dvc", "status", "-q")


def test_a_comment_reruns_nothing(repository_clone: Path) -> None:
    path = repository_clone / "params.yaml"
    text = path.read_text()
    path.write_text("# a remark\n" + text)
    assert ran(command(repository_clone, "dvc", "repro")) == set()
    path.write_text(text)


def test_a_parameter_of_evaluate_reruns_evaluate_alone(repository_clone: Path) -> None:
    output = command(
        repository_clone, "dvc", "exp", "run", "-n", "bins", "-S", "evaluate.calibration_bins=5"
    )
    assert ran(output) == {"evaluate"}
    command(repository_clone, "git", "checkout", "--quiet", ".")
    command(repository_clone, "dvc", "checkout", "--quiet")


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
    command(repository_clone, "dvc", "queue", "logs", "-f", "sweep-1")
    command(repository_clone, "dvc", "queue", "logs", "-f", "sweep-2")
    status = command(repository_clone, "dvc", "queue", "status")
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


def test_plots_are_drawn(repository_clone: Path) -> None:
    command(repository_clone, "dvc", "plots", "show", "-o", "dvc_plots")
    page = (repository_clone / "dvc_plots/index.html").read_text()
    for title in ("Trial history", "Confusion", "Calibration", "Learning curves"):
        assert title in page


def test_one_trial_is_the_baseline(repository_clone: Path) -> None:
    """The command that rebuilds the baseline for changed data: its result is the baseline."""
    command(
        repository_clone, "dvc", "exp", "run", "--temp", "-n", "baseline", "-S", "tune.n_trials=1"
    )
    shown = json.loads(command(repository_clone, "dvc", "metrics", "show", "baseline", "--json"))
    metrics = shown["baseline"]["data"]["results/evaluate/metrics.json"]["data"]
    assert metrics["best"] == metrics["baseline"]
    assert metrics["verdict"] == "no evidence of a difference"
    assert "best.log_loss" in command(repository_clone, "dvc", "metrics", "diff", "baseline")
