"""A real browser, and pages in it."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@contextmanager
def open_browser() -> Iterator[Browser]:
    """Yield Chromium; without one a test is skipped, and where `CI` is set it fails."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        missing = f"no {' or '.join(BROWSERS)} on the path"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = playwright.chromium.launch(executable_path=found, args=arguments)
        yield opened
        opened.close()


def visit(browser: Browser, path: Path, width: int, theme: str) -> tuple[Page, list[str]]:
    """Open a page; return it with all that it complained of or asked for beside itself."""
    dark = theme == "dark"
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
    )
    page, noise = context.new_page(), list[str]()
    page.on("console", lambda message: noise.append(message.text))
    page.on("pageerror", lambda error: noise.append(str(error)))
    page.on("dialog", lambda dialog: noise.append(dialog.message))
    page.on("request", lambda one: noise.append(one.url) if one.url != path.as_uri() else None)
    page.goto(path.as_uri())
    return page, noise
