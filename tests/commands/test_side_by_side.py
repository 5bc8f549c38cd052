"""Two revisions on one page."""

from pathlib import Path

import pytest

from tests.pipeline import command
from tests.running import ROOT, run
from tests.stages.report.reading import Page
from tribar.commands.side_by_side import FOLDER, write_side_by_side
from tribar.errors import UserError
from tribar.outputs.workspace import Workspace

BASELINE = ":/^Record the baseline"


def place(home: Path) -> Workspace:
    """Return this repository, its pages in another folder."""
    return Workspace(ROOT, None, home)


def test_a_revision_stands_beside_the_workspace(tmp_path: Path) -> None:
    """Verdict, parameters and numbers of both; each link leads to a table of its own side."""
    path = write_side_by_side(place(tmp_path), BASELINE, "workspace")
    page = Page.of(path.read_text("utf-8"))
    texts = [one.text for one in page.visible()]
    assert "workspace: no evidence of a difference." in texts
    at = texts.index("tune.n_trials")
    assert texts[at + 1 : at + 3] == ["1", "32"]
    at = texts.index("Best model: log loss")
    assert texts[at + 1 : at + 3] == ["1.0656", "1.0603"]
    links = [str(one.attributes["href"]) for one in page.elements if one.name == "a"]
    assert links
    assert all((path.parent / link).is_file() for link in links)


def test_the_same_twice_differs_in_nothing(tmp_path: Path) -> None:
    said = run("report", "--compare", "HEAD", "--compare", "HEAD", home=tmp_path).stdout
    path = tmp_path / FOLDER / "index.html"
    assert said == f"wrote {path}\n"
    page = Page.of(path.read_text("utf-8"))
    assert "Their parameters are the same." in [one.text for one in page.visible()]
    assert len([one for one in page.elements if one.name == "svg"]) == 3


def test_the_verdict_of_a_revision_is_printed(tmp_path: Path) -> None:
    stored = command(ROOT, "git", "show", "HEAD:results/evaluate/verdict.txt")
    assert run("verdict", "HEAD", home=tmp_path).stdout == stored
    assert "nowhere: no revision" in run("verdict", "nowhere", home=tmp_path, code=2).stderr


def test_a_mistake_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="nowhere: no revision or experiment"):
        write_side_by_side(place(tmp_path), "nowhere", "workspace")
    three = ("--compare", "a", "--compare", "b", "--compare", "c")
    assert "two revisions at most" in run("report", *three, home=tmp_path, code=2).stderr
