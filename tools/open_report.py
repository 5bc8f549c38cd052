"""Says where the page of the results is and of what revision, and opens it: `make report`."""

import os
import platform
import subprocess
import sys
import webbrowser
from pathlib import Path

from tools.bits import processor

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "results/report/index.html"


def has_screen() -> bool:
    """Return whether a browser would have a window: a text browser would take the terminal."""
    named = ("DISPLAY", "WAYLAND_DISPLAY")
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in named)


def main() -> int:
    """Print path, revision and processor, and open the page; return 2 where there is none."""
    if not PAGE.exists():
        print(f"{PAGE}: not there; run `dvc repro`", file=sys.stderr)
        return 2
    described = ["git", "describe", "--always", "--dirty"]
    revision = subprocess.run(described, cwd=ROOT, capture_output=True, text=True).stdout.strip()
    here = processor() if Path("/proc/cpuinfo").exists() else platform.machine()
    print(f"page:      {PAGE}\nrevision:  {revision}\nprocessor: {here}")
    if has_screen():
        webbrowser.open(PAGE.as_uri())
    return 0


if __name__ == "__main__":
    sys.exit(main())
