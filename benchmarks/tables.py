"""docs/benchmarks.md, and the figures in README.md, made from the records."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"
PAGE = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- /figures -->)", re.DOTALL)
HEAD = """# Benchmarks

Written by `make bench` from `benchmarks/results/*.json`; do not edit. Measured on two shared CPU
cores. Seconds differ from machine to machine and from hour to hour; a ratio is of two things
measured turn by turn in one run.

"""
COLUMNS = """| command | work | ours | peer | ratio | target | met |
|---|---|---|---|---|---|---|
"""


def write_pages() -> None:
    """Write the table of all records, and those that have a target between README's marks."""
    records = [
        (path.stem, record)
        for path in sorted(RESULTS.glob("*.json"))
        for record in json.loads(path.read_text(encoding="utf-8"))
    ]
    PAGE.write_text(HEAD + _table(records), encoding="utf-8")
    promised = _table([(name, one) for name, one in records if one["target"] is not None])
    readme = README.read_text(encoding="utf-8")
    README.write_text(FIGURES.sub(lambda found: promised, readme), encoding="utf-8")


def _table(records: Sequence[tuple[str, dict[str, Any]]]) -> str:
    return COLUMNS + "".join(_line(name, record) for name, record in records)


def _line(name: str, record: dict[str, Any]) -> str:
    peer = "" if record["peer"] is None else f"{_figure(record['peer'])} ({record['peer_name']})"
    ratio = "" if record["ratio"] is None else f"{record['ratio']:.3g}"
    cells = [
        f"`python -m benchmarks.{name}`",
        record["work"],
        f"{_figure(record['ours'])} {record['unit']}",
        peer,
        ratio,
        "" if record["target"] is None else _figure(record["target"]),
        {True: "yes", False: "no", None: ""}[record["met"]],
    ]
    return f"| {' | '.join(cells)} |\n"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


if __name__ == "__main__":
    write_pages()
