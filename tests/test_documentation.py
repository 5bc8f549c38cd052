"""Every command that the documents show is run, in a clone with quick settings."""

import json
import re
from pathlib import Path

import pytest

from benchmarks.tables import PAGE, README, write_pages
from tests.pipeline import command, finish_queue, rebuilt
from tests.running import ROOT

PAGES = (Path("README.md"), *sorted(path.relative_to(ROOT) for path in ROOT.glob("docs/*.md")))
BASELINE = ":/^Record the baseline"


def commands() -> list[str]:
    """Return the lines of the pages' sh blocks, in their order."""
    blocks = [
        block
        for page in PAGES
        for block in re.findall(r"^```sh\n(.*?)^```", (ROOT / page).read_text(), re.M | re.S)
    ]
    return [line for block in blocks for line in block.splitlines() if line]


@pytest.mark.slow
def test_every_command_of_the_documents_runs(tmp_path: Path) -> None:
    folder = rebuilt(tmp_path / "clone")
    assert len(commands()) >= 14
    for line in commands():
        text = line.replace("/tmp/tribar-", f"{tmp_path}/")
        if line.startswith("tribar compare"):  # small networks may well be worse, which ends in 1
            text = f"{text} || test $? = 1"
        command(folder, "bash", "-c", text)
        if line.startswith("dvc queue start"):
            assert "Failed" not in finish_queue(folder)


def test_every_link_of_the_documents_leads_somewhere(repository: Path) -> None:
    for page in [*repository.glob("*.md"), *repository.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
            assert target.startswith("http") or (page.parent / target).exists(), (page, target)


def test_the_history_holds_a_revision_that_is_todays_baseline(repository: Path) -> None:
    revision = command(repository, "git", "rev-parse", BASELINE).strip()
    shown = command(repository, "git", "show", f"{revision}:params.yaml")
    assert "n_trials: 1\n" in shown
    scores = "results/evaluate/metrics.json"
    then = json.loads(command(repository, "git", "show", f"{revision}:{scores}"))
    now = json.loads((repository / scores).read_text())
    assert then["best"] == then["baseline"]
    on_any_machine = pytest.approx(now["baseline"], abs=1e-6)
    assert then["baseline"] == on_any_machine
    difference = command(repository, "dvc", "metrics", "diff", BASELINE, "--all")
    assert "best.log_loss" in difference


@pytest.mark.parametrize("shown", [("tribar", "verdict"), ("dvc", "metrics", "diff", BASELINE)])
def test_the_output_that_the_readme_shows_is_the_real_one(
    shown: tuple[str, ...], repository: Path
) -> None:
    real = {" ".join(line.split()) for line in command(repository, *shown).splitlines()}
    readme = (repository / "README.md").read_text()
    first = next(line for line in readme.splitlines() if " ".join(line.split()) in real)
    block = readme[readme.index(first) :].partition("```")[0]
    claimed = {" ".join(line.split()) for line in block.splitlines()}
    assert len(claimed) >= 8
    assert claimed <= real


def test_the_tables_of_figures_are_those_of_the_records(repository: Path) -> None:
    before = {page: page.read_text() for page in (README, PAGE)}
    write_pages()
    assert {page: page.read_text() for page in (README, PAGE)} == before
