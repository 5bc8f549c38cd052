"""All ratios that have a target, as a picture: `docs/targets.svg`."""

from typing import Any

from benchmarks.records import RESULTS, Record, Run
from tools import bits
from tools.svg import write_svg

PICTURE = RESULTS.parents[1] / "docs" / "targets.svg"

COLOURS = {"scale": {"domain": ["yes", "no"], "range": ["#0b5cad", "#d06000"]}}


def draw() -> None:
    """Draw each ratio and its target, on a logarithmic axis."""
    paths = [path for path in sorted(RESULTS.glob("*.json")) if path != bits.RECORD]
    values = [
        _value(path.stem, record)
        for path in paths
        for record in Run.load(path).records
        if record.ratio is not None and record.target is not None
    ]
    write_svg(_specification(values), PICTURE)


def _value(name: str, record: Record) -> dict[str, Any]:
    work = record.work.replace("time to the best validation loss of the usual script", "time")
    return {
        "name": f"{name}: {work}, beside {record.peer_name}",
        "ratio": record.ratio,
        "target": record.target,
        "met": "yes" if record.met else "no",
    }


def _specification(values: list[dict[str, Any]]) -> dict[str, Any]:
    axis = {"field": "ratio", "type": "quantitative", "scale": {"type": "log"}}
    names = {"field": "name", "type": "nominal", "sort": None, "title": None}
    return {
        "data": {"values": values},
        "width": 300,
        "encoding": {"y": {**names, "axis": {"labelLimit": 700, "labelFontSize": 9}}},
        "layer": [
            {
                "mark": {"type": "tick", "color": "#888888", "thickness": 2},
                "encoding": {"x": {**axis, "field": "target", "title": "ratio (grey: its target)"}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 45, "opacity": 1},
                "encoding": {"x": axis, "color": {"field": "met", "type": "nominal", **COLOURS}},
            },
        ],
    }
