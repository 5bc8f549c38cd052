"""The page in a real browser: quiet, narrow, and open to everybody; pictures are kept of it."""

import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browsing import open_browser, visit
from tests.running import ROOT
from tests.stages.report.made import HOSTILE, copied, made
from tribar.commands.side_by_side import write_side_by_side
from tribar.outputs.workspace import Workspace

PICTURES = Path(os.environ.get("TRIBAR_PICTURES", ROOT / ".tribar/pictures"))
"""Where the pictures go: a folder that git ignores, unless another one is named."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the page of the results, one with hostile names, and one of two revisions."""
    found = {}
    for name, names in (("plain", None), ("hostile", {"NASDAQ": HOSTILE, "rsi_14": HOSTILE})):
        folder = copied(tmp_path_factory.mktemp(name), names)
        found[name] = folder / "results/report/index.html"
        found[name].parent.mkdir(exist_ok=True)
        found[name].write_text(made(folder), "utf-8")
    here = Workspace(ROOT, None, tmp_path_factory.mktemp("compared"))
    return {**found, "compared": write_side_by_side(here, "HEAD", "workspace")}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("kind", ["plain", "hostile", "compared"])
def test_it_is_quiet_fits_and_is_open_to_everybody(
    browser: Browser, pages: dict[str, Path], kind: str, width: int, theme: str
) -> None:
    page, noise = visit(browser, pages[kind], width, theme)
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{kind}-{width}-{theme}.png", full_page=True)
    page.screenshot(path=PICTURES / f"{kind}-{width}-{theme}-first.png")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run().then((all) => all.violations)")
    serious = [one for one in found if one["impact"] in ("serious", "critical")]
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in serious] == []
    assert noise == []


def test_a_keyboard_sorts_a_table(browser: Browser, pages: dict[str, Path]) -> None:
    page, _ = visit(browser, pages["plain"], 1280, "light")
    table = page.locator("table", has=page.locator("caption", has_text="Scores on the test split"))
    losses = table.locator("tbody tr td:nth-child(3)")
    head = table.locator("thead button").nth(2)
    head.focus()
    page.keyboard.press("Enter")
    rising = [float(one) for one in losses.all_inner_texts()]
    assert rising == sorted(rising)
    page.keyboard.press("Enter")
    assert [float(one) for one in losses.all_inner_texts()] == sorted(rising, reverse=True)
    assert table.locator("thead th").nth(2).get_attribute("aria-sort") == "descending"


def test_it_reads_without_its_script(browser: Browser, pages: dict[str, Path]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(pages["plain"].as_uri())
    assert page.locator("svg").first.is_visible()
    assert page.locator(".verdict").inner_text().endswith(".")
    assert page.locator("table button").count() == 0
