"""docs/benchmarks.md, made from the records."""

import json
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

Written by `make bench` from `benchmarks/results/*.json`; do not edit. Measured on two shared CPU
cores. Seconds differ from machine to machine and from hour to hour; a ratio is of two things
measured turn by turn in one run.

| benchmark | work | ours | peer | ratio | target | met |
|---|---|---|---|---|---|---|
"""


def write_page() -> None:
    """Write the table of all records."""
    lines = [
        _line(path.stem, record)
        for path in sorted(RESULTS.glob("*.json"))
        for record in json.loads(path.read_text(encoding="utf-8"))
    ]
    PAGE.write_text(HEAD + "".join(lines), encoding="utf-8")


def _line(name: str, record: dict[str, Any]) -> str:
    peer = "" if record["peer"] is None else f"{record['peer']:.4g} ({record['peer_name']})"
    ratio = "" if record["ratio"] is None else f"{record['ratio']:.3g}"
    cells = [
        f"`python -m benchmarks.{name}`",
        record["work"],
        f"{record['ours']:.4g} {record['unit']}",
        peer,
        ratio,
        "" if record["target"] is None else f"{record['target']:g}",
        {True: "yes", False: "no", None: ""}[record["met"]],
    ]
    return f"| {' | '.join(cells)} |\n"


if __name__ == "__main__":
    write_page()
