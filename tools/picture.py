"""Draws what `dvc plots show` shows into one picture for the README: `make picture`."""

import json
import subprocess
from pathlib import Path
from typing import Any

from tools.svg import write_svg

ROOT = Path(__file__).parents[1]
PICTURE = ROOT / "docs" / "plots.svg"
CHANNELS = ("color", "size", "strokeDash", "yOffset")
SHOWN = (
    "results/tune/trials.csv",
    "results/tune/curves.csv",
    "results/tune/importance.csv",
    "results/evaluate/calibration.csv",
    "results/train-best/curves.csv",
    "results/evaluate/importance.csv",
)


def specifications() -> dict[str, dict[str, Any]]:
    """Return the Vega-Lite specification of each plot, by its file."""
    done = subprocess.run(
        ["dvc", "plots", "show", "--json"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    plots = json.loads(done.stdout)["data"]
    return {name: plots[name][0]["content"] for name in SHOWN}


def page(plots: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Return one specification with the plots side by side, three in a row."""
    return {
        "concat": list(plots.values()),
        "columns": 3,
        "spacing": 40,
        "resolve": {"scale": dict.fromkeys(CHANNELS, "independent")},
    }


if __name__ == "__main__":
    write_svg(page(specifications()), PICTURE)
