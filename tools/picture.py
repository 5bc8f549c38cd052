"""Takes the pictures of the page's first screen that README shows: `make picture`."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import ViewportSize, sync_playwright

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "results/report/index.html"
SIZE = ViewportSize(width=1180, height=1000)


def main() -> int:
    """Write `docs/page_light.png` and `docs/page_dark.png`; return 2 without a browser."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    if not found:
        print("no chromium on the path: install it, as .ci/run does", file=sys.stderr)
        return 2
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=found, args=arguments)
        for theme in ("light", "dark"):
            dark = theme == "dark"
            page = browser.new_page(viewport=SIZE, color_scheme="dark" if dark else "light")
            page.goto(PAGE.as_uri())
            page.screenshot(path=ROOT / f"docs/page_{theme}.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
