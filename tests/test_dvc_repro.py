"""`dvc repro` and what it leaves alone, for real, in clones of this repository."""

import json
from pathlib import Path

import pytest
import vl_convert
import yaml

from tests.pipeline import command, ran, rebuilt
from tests.running import ROOT


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
    assert output in (ROOT / "README.md").read_text()
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


def test_every_plot_is_drawn_once_and_is_sound_vega(repository_clone: Path) -> None:
    shown = command(repository_clone, "dvc", "plots", "show", "--json")
    plots = json.loads(shown)["data"]
    stages = yaml.safe_load((repository_clone / "dvc.yaml").read_text())["stages"].values()
    declared = [file for stage in stages for plot in stage.get("plots", []) for file in plot]
    assert sorted(plots) == sorted(declared)
    for file, (plot,) in plots.items():
        assert "<svg" in vl_convert.vegalite_to_svg(plot["content"]), file
    command(repository_clone, "dvc", "plots", "show", "-o", "dvc_plots")
    page = (repository_clone / "dvc_plots/index.html").read_text()
    for title in ("Trial history", "Confusion", "Calibration", "Learning curves"):
        assert title in page
