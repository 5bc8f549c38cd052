"""`dvc repro` and what it leaves alone, for real, in clones of this repository."""

import json
import sys
from pathlib import Path

import pytest
import vl_convert
import yaml

from tests.browsing import open_browser, visit
from tests.pipeline import command, ran, rebuilt
from tests.running import ROOT


@pytest.fixture(scope="module")
def repository_clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rebuilt(tmp_path_factory.mktemp("first") / "clone")


@pytest.mark.slow
def test_a_second_clone_rebuilds_the_same_bytes(repository_clone: Path, tmp_path: Path) -> None:
    second = rebuilt(tmp_path / "second")
    for name in ("dvc.lock", "results/tune/trials.csv", "results/evaluate/metrics.json"):
        assert (second / name).read_bytes() == (repository_clone / name).read_bytes()
    assert command(second, "git", "status", "--porcelain") == ""


def test_a_second_repro_runs_nothing(repository_clone: Path) -> None:
    output = command(repository_clone, "dvc", "repro")
    assert ran(output) == set()
    assert output in (ROOT / "docs/README.md").read_text()
    command(repository_clone, "dvc", "status", "-q")


def test_a_comment_reruns_nothing(repository_clone: Path) -> None:
    path = repository_clone / "params.yaml"
    text = path.read_text()
    path.write_text("# a remark\n" + text)
    assert ran(command(repository_clone, "dvc", "repro")) == set()
    path.write_text(text)


def test_a_parameter_of_evaluate_reruns_evaluate_and_the_report(repository_clone: Path) -> None:
    output = command(
        repository_clone, "dvc", "exp", "run", "-n", "bins", "-S", "evaluate.calibration_bins=5"
    )
    assert ran(output) == {"evaluate", "report"}
    command(repository_clone, "git", "checkout", "--quiet", ".")
    command(repository_clone, "dvc", "checkout", "--quiet")


def test_every_plot_is_drawn_once_and_is_sound_vega(repository_clone: Path) -> None:
    shown = command(repository_clone, "dvc", "plots", "show", "--json")
    plots = json.loads(shown)["data"]
    stages = yaml.safe_load((repository_clone / "dvc.yaml").read_text())["stages"].values()
    declared = [file for stage in stages for plot in stage.get("plots", []) for file in plot]
    assert sorted(plots) == sorted(declared)
    assert all(not plots.pop(file) for file in declared if "walk-forward" in file)  # no origin
    for file, (plot,) in plots.items():
        assert "<svg" in vl_convert.vegalite_to_svg(plot["content"]), file
    command(repository_clone, "dvc", "plots", "show", "-o", "dvc_plots")
    page = (repository_clone / "dvc_plots/index.html").read_text()
    for title in ("Trial history", "Confusion", "Calibration", "Learning curves"):
        assert title in page


def test_plots_are_drawn_without_a_network(repository_clone: Path) -> None:
    command(repository_clone, sys.executable, "-m", "tools.plots_page")
    command(repository_clone, "dvc", "plots", "show", "-o", "dvc_plots")
    with open_browser() as browser:
        page, noise = visit(browser, repository_clone / "dvc_plots/index.html", 1400, "light")
        page.wait_for_selector(".vega-embed canvas, .vega-embed svg")
        drawn = page.locator(".vega-embed").count()
        assert drawn >= 15
        assert drawn == page.locator(".vega-embed canvas, .vega-embed svg.marks").count()
        assert page.evaluate("document.characterSet") == "UTF-8"  # a minus stays one
    assert [line for line in noise if line.startswith("http")] == []


REWORDED = {
    "config/messages.py": ("unknown parameter", "no such parameter"),
    "execution/dask/client.py": ("no scheduler answers", "nobody answers"),
    "records/live.py": ("no estimate yet", "nothing to go by yet"),
    "files.py": ("make room", "free some room"),
}
SHOW = ("env", "PYTHONPATH=src", "tribar", "study", "show")
LEFT_BEHIND = (
    "model/__pycache__/stray.pyc",
    "model/stray.pyc",
    "model/network/gru.step-1.py311.nbi",
    "model/network/gru.step-1.py311.1.nbc",
    "market/.features.py.swp",
    "market/features.py~",
    "study/loop.py.orig",
    "search/.DS_Store",
    "trial/.ipynb_checkpoints/objective-checkpoint.py",
)


def restored(clone: Path) -> None:
    """Undo what a test has changed."""
    command(clone, "git", "checkout", "--quiet", ".")
    command(clone, "git", "clean", "--quiet", "-d", "--force", "-x", "src")
    command(clone, "dvc", "checkout", "--quiet")


def test_other_words_a_new_command_and_what_is_left_behind_rerun_nothing(
    repository_clone: Path,
) -> None:
    code = repository_clone / "src/tribar"
    for file, (old, new) in REWORDED.items():
        text = (code / file).read_text()
        assert old in text
        (code / file).write_text(text.replace(old, new))
    (code / "commands/greet.py").write_text('"""A new command."""\n')
    for name in LEFT_BEHIND:
        (code / name).parent.mkdir(exist_ok=True)
        (code / name).write_bytes(b"left behind")
    command(repository_clone, "dvc", "status", "-q")
    restored(repository_clone)


@pytest.mark.slow
def test_a_remark_on_features_retrains_nothing_that_is_judged_and_the_study_goes_on(
    repository_clone: Path,
) -> None:
    path = repository_clone / "src/tribar/market/features.py"
    path.write_text(path.read_text() + "# a remark\n")
    assert ran(command(repository_clone, "dvc", "repro")) == {"prepare", "refit", "evaluate"}
    longer = command(repository_clone, "dvc", "exp", "run", "-S", "tune.n_trials=6")
    assert "goes on after 5 trials" in longer
    restored(repository_clone)


def test_what_trains_a_trial_makes_another_study(repository_clone: Path) -> None:
    path = repository_clone / "src/tribar/model/training/epoch.py"
    path.write_text(path.read_text() + "# a remark\n")
    changed = command(repository_clone, "dvc", "status", "tune")
    assert "src/tribar/model" in changed
    assert "changed since" in command(repository_clone, *SHOW, code=2)
    restored(repository_clone)


def test_messages_of_tune_make_no_other_study(repository_clone: Path) -> None:
    path = repository_clone / "src/tribar/stages/tune/messages.py"
    path.write_text(path.read_text() + "# a remark\n")
    assert "src/tribar/stages/tune" in command(repository_clone, "dvc", "status", "tune")
    assert "COMPLETE" in command(repository_clone, *SHOW)
    restored(repository_clone)
