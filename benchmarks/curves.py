"""The best validation loss over time, of every study: a table and a picture."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.peers.logbook import Story
from benchmarks.records import RESULTS
from tools.svg import write_svg

TABLE = RESULTS / "training_curves.csv"
PICTURE = RESULTS.parents[1] / "docs" / "training.svg"
POINTS = 60


def save(stories: Mapping[str, Sequence[Story]]) -> None:
    """Write when each study improved on its best."""
    rows = [
        (who, seed, when, best)
        for who, done in stories.items()
        for seed, story in enumerate(done)
        for when, best in _improvements(story)
    ]
    table = pd.DataFrame(rows, columns=["study", "seed", "seconds", "validation_loss"])
    table.to_csv(TABLE, index=False, float_format="%.6g", lineterminator="\n")


def _improvements(story: Story) -> list[tuple[float, float]]:
    found, best = [], float("inf")
    for when, loss in story.reached:
        if loss < best:
            best = loss
            found.append((when, best))
    return found


def medians() -> pd.DataFrame:
    """Return the median over seeds of the best so far, once all seeds have one."""
    table = pd.read_csv(TABLE)
    last = table["seconds"].max()
    times = np.geomspace(1, last, POINTS)
    rows = []
    for who, study in table.groupby("study", sort=False):
        seeds = [one for _, one in study.groupby("seed")]
        rows += [(who, at, value) for at in times if (value := _median(seeds, at)) is not None]
    return pd.DataFrame(rows, columns=["study", "seconds", "validation_loss"])


def _median(seeds: Sequence[pd.DataFrame], at: float) -> float | None:
    reached = [one.loc[one["seconds"] <= at, "validation_loss"] for one in seeds]
    if any(one.empty for one in reached):
        return None
    return float(np.median([one.min() for one in reached]))


def draw() -> None:
    """Draw the medians into `docs/training.svg`."""
    specification: dict[str, Any] = {
        "title": "Best validation loss so far, median over study seeds",
        "width": 640,
        "height": 320,
        "data": {"values": medians().to_dict("records")},
        "mark": {"type": "line", "interpolate": "step-after"},
        "encoding": {
            "x": {
                "field": "seconds",
                "type": "quantitative",
                "scale": {"type": "log", "nice": False},
                "title": "seconds since the study began",
            },
            "y": {
                "field": "validation_loss",
                "type": "quantitative",
                "scale": {"zero": False},
                "title": "validation log-loss (nats)",
            },
            "color": {
                "field": "study",
                "type": "nominal",
                "sort": None,
                "title": None,
                "scale": {"scheme": "category20"},
                "legend": {"labelLimit": 0},
            },
        },
    }
    write_svg(specification, PICTURE)


if __name__ == "__main__":
    draw()
