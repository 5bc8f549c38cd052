"""Peak memory as the data grow: a picture of what `benchmarks.growth` wrote."""

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks.growth import ROWS, SYMBOLS, WINDOWS, work
from benchmarks.panel import Size
from benchmarks.records import RESULTS, Record, Run
from tools.svg import write_svg

PICTURE = RESULTS.parents[1] / "docs" / "growth.svg"
Along = Callable[[Size], int]


def draw() -> None:
    """Draw the records into `docs/growth.svg`, a panel a measure of size."""
    records = {record.work: record for record in Run.load(RESULTS / "growth.json").records}
    specification = {
        "title": "Peak memory of a process that trains for an epoch, libraries included",
        "hconcat": [
            _panel("rows", ROWS, lambda size: size.symbols * size.bars, records),
            _panel("bars of a window", WINDOWS, lambda size: size.window, records),
            _panel("symbols", SYMBOLS, lambda size: size.symbols, records),
        ],
    }
    write_svg(specification, PICTURE)


def _panel(
    title: str, sizes: Mapping[str, Size], along: Along, records: Mapping[str, Record]
) -> dict[str, Any]:
    points = [
        {"at": along(size), "who": who, "MB": peak}
        for what, size in sizes.items()
        for record in [records[f"{work(what)}: peak memory"]]
        for who, peak in (("ours", record.ours), (record.peer_name, record.peer))
    ]
    axis = {"format": "~s", "values": sorted({along(size) for size in sizes.values()})}
    return {
        "width": 200,
        "height": 220,
        "data": {"values": points},
        "mark": {"type": "line", "point": True},
        "encoding": {
            "x": {
                "field": "at", "type": "quantitative", "scale": {"type": "log", "nice": False},
                "title": title, "axis": axis,
            },
            "y": {"field": "MB", "type": "quantitative", "title": "MB"},
            "color": {"field": "who", "type": "nominal", "sort": None, "title": None},
        },
    }  # fmt: skip


if __name__ == "__main__":
    draw()
