"""The page: each number is from a result, names stay text, it stays small and the same."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

from tests.running import ROOT, run
from tests.stages.report.made import HOSTILE, card, copied, made
from tests.stages.report.reading import Page, Text, look_up
from tribar.errors import UserError
from tribar.stages.report.numbers import date

RESULTS = ROOT / "results"
FIXED = ("80\u202f%", "(Watanabe et al., 2023)", "is 1.", "F1", "f1")
"""What has digits and is no result: definitions and names."""


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> str:
    return made(copied(tmp_path_factory.mktemp("report")))


@pytest.fixture(scope="module")
def page(text: str) -> Page:
    return Page.of(text)


def agrees(shown: str, found: object) -> bool:
    """Return whether what is shown is what a file holds, to the digits that are shown."""
    if shown == str(found) or shown == date(str(found)):
        return True
    plain = shown.replace("−", "-").replace(",", "").replace("\u202f", "")
    scale = 100 if plain.endswith("%") else 1
    plain = plain.rstrip("%")
    places = len(plain.partition(".")[2])
    return abs(float(plain) - scale * float(str(found))) <= 0.5000001 * 10.0**-places


def test_each_number_leads_back_to_its_file_and_key(page: Page) -> None:
    cited = [one for one in page.texts if one.source]
    assert len(cited) > 300
    wrong = [x for x in cited if not agrees(x.text, look_up(RESULTS, str(x.source)))]
    assert wrong == []


def test_no_number_stands_there_without_a_source(page: Page) -> None:
    def unexplained(one: Text) -> bool:
        text = one.text
        for fixed in FIXED:
            text = text.replace(fixed, "")
        return not one.source and "bdi" not in one.around and bool(re.search(r"\d", text))

    shown = [one for one in page.visible() if unexplained(one)]
    paths = re.compile(r"[\w-]+/\w+\.(csv|json)")
    assert [one.text for one in shown if not paths.fullmatch(one.text)] == []


def test_each_figure_has_a_title_a_caption_and_its_numbers(page: Page) -> None:
    names = [one.name for one in page.elements]
    assert names.count("figure") == names.count("svg") == names.count("figcaption") > 20
    links = {str(one.attributes["href"]) for one in page.elements if one.name == "a"}
    files = {link.removeprefix("../") for link in links if link.startswith("../")}
    assert len(files) > 15
    assert all((RESULTS / name).is_file() for name in files)
    anchors = {str(one.attributes["id"]) for one in page.elements if "id" in one.attributes}
    assert {link[1:] for link in links if link.startswith("#")} <= anchors


def test_it_asks_for_nothing_beside_it(text: str, page: Page) -> None:
    loading = [one.attributes.get("src") for one in page.elements if "src" in one.attributes]
    assert loading == []
    assert not re.findall(r"https?://|@import|url\((?!#)", text)
    assert "default-src 'none'" in text
    assert len(text.encode()) < 1_000_000


def test_names_that_users_give_stay_text(tmp_path: Path) -> None:
    names = {"NASDAQ": HOSTILE, "oscillators": HOSTILE, "rsi_14": "\u202e<b onclick=x>"}
    folder = copied(tmp_path, names)
    page = Page.of(made(folder))
    assert [one.name for one in page.elements].count("script") == 1
    handlers = [a for one in page.elements for a in one.attributes if a.startswith("on")]
    assert handlers == []
    assert any(HOSTILE in one.text for one in page.visible())
    assert "<script" not in card(folder).replace("\\<", "")


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    said = run("report", "--output", str(folder), home=tmp_path).stdout
    assert "results/report/index.html" in said
    written = (folder / "results/report/index.html").read_text("utf-8")
    assert written == made(folder)
    assert (folder / "results/report/model_card.md").read_text("utf-8") == card(folder)


@pytest.mark.slow
def test_its_size_does_not_grow_with_the_decisions(tmp_path: Path) -> None:
    sizes = []
    for times in (7, 700):
        folder = copied(tmp_path / str(times))
        path = folder / "results/evaluate/losses.csv"
        table = pd.read_csv(path)
        pd.concat([table] * times).to_csv(path, index=False)
        sizes.append(len(made(folder).encode()))
    assert max(sizes) < 1.05 * min(sizes)


def test_what_is_missing_or_cut_short_is_said(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    (folder / "results/evaluate/models.json").write_text('{"best": {')
    refused = run("report", "--output", str(folder), home=tmp_path, code=2).stderr
    assert "models.json: not there, or not whole" in refused
    (folder / "results/evaluate/models.json").write_text('{"best": {}, "baseline": {}}')
    with pytest.raises(UserError, match="it has no 'networks'"):
        made(folder)
    assert not (folder / "results/report/index.html").exists()


def test_the_card_has_what_a_card_has_to_have(tmp_path: Path) -> None:
    said = card(copied(tmp_path))
    parts = re.findall(r"^## (.*)$", said, re.MULTILINE)
    assert parts == [
        *("Data", "Intended use", "Limits", "Metrics", "Verdict"),
        *("How often the test split was opened", "Training"),
    ]
    metrics = look_up(RESULTS, "evaluate/comparison.csv#1.difference")
    assert f"{float(metrics):+.4f}".replace("-", "−") in said
    assert "no score of its own" in said


def test_a_source_that_came_labelled_has_neither_closes_nor_returns(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    results = folder / "results"
    for name in ("prepare/closes", "prepare/events", "prepare/event_bars", "evaluate/signal"):
        path = results / f"{name}.csv"
        path.write_text(path.read_text("utf-8").partition("\n")[0] + "\n", "utf-8")
    path = results / "evaluate/metrics.json"
    metrics = json.loads(path.read_text("utf-8"))
    metrics["signal"] = {"cost": 0.0, "note": "no return is known"}
    path.write_text(json.dumps(metrics), "utf-8")
    notes = {"forecasts": [], "notes": ["the source came labelled"]}
    (results / "evaluate/forecast.json").write_text(json.dumps(notes), "utf-8")
    said = {one.text for one in Page.of(made(folder)).visible()}
    assert {"no return is known", "the source came labelled"} <= said
    assert "Closes and splits" not in said
