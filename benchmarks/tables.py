"""docs/benchmarks.md, and the figures in README.md, made from the records."""

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from pathlib import Path

from benchmarks import curves, growing
from benchmarks.records import RESULTS, Record, Run
from tools import bits

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- /figures -->)", re.DOTALL)
HEAD = """# Benchmarks

Written by `make bench` from `benchmarks/results/*.json`; do not edit. Seconds differ from machine
to machine and from hour to hour; a ratio is of two things measured turn by turn in one run.
"""
PICTURES = {"growth": growing.PICTURE, "training": curves.PICTURE}
COLUMNS = ("work", "ours", "peer", "ratio", "target", "met")


def write_pages() -> None:
    """Write all records a section a benchmark, and those with a target between README's marks."""
    paths = [path for path in sorted(RESULTS.glob("*.json")) if path != bits.RECORD]
    runs = {path.stem: Run.load(path) for path in paths}
    sections = [_section(name, run) for name, run in runs.items()]
    PAGE.write_text("\n".join([HEAD, *sections]), encoding="utf-8")
    promised = [
        (f"`python -m benchmarks.{name}`", *_cells(record))
        for name, run in runs.items()
        for record in run.records
        if record.target is not None
    ]
    figures = _table(("command", *COLUMNS), promised)
    readme = README.read_text(encoding="utf-8")
    README.write_text(FIGURES.sub(lambda found: figures, readme), encoding="utf-8")


def _section(name: str, run: Run) -> str:
    about = (import_module(f"benchmarks.{name}").__doc__ or "").splitlines()[0]
    machine = run.machine or "a machine that was not noted"
    parts = [f"## {name}\n", f"{about} `python -m benchmarks.{name}` on {machine}.\n"]
    beside = [record for record in run.records if not _is_plain(record)]
    plain = [record for record in run.records if _is_plain(record)]
    if beside:
        parts.append(_table(COLUMNS, map(_cells, beside)))
    if plain:
        parts.append(matrix(plain))
    if name in PICTURES and PICTURES[name].exists():
        parts.append(f"![{about}]({PICTURES[name].name})\n")
    return "\n".join(parts)


def _is_plain(record: Record) -> bool:
    return record.peer is None and record.target is None


def matrix(records: Sequence[Record]) -> str:
    """Return one row a subject and one column a measure, of works that read `subject: measure`."""
    pairs = [record.work.partition(": ") for record in records]
    subjects = list(dict.fromkeys(subject for subject, _, _ in pairs))
    measures = list(dict.fromkeys(measure for _, _, measure in pairs))
    found = {
        (subject, measure): f"{_figure(record.ours)} {record.unit}"
        for (subject, _, measure), record in zip(pairs, records, strict=True)
    }
    lines = [(one, *(found.get((one, measure), "") for measure in measures)) for one in subjects]
    return _table(("", *measures), lines)


def _table(columns: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [columns, ["---"] * len(columns), *lines]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _cells(record: Record) -> tuple[str, ...]:
    return (
        record.work,
        f"{_figure(record.ours)} {record.unit}",
        "" if record.peer is None else f"{_figure(record.peer)} ({record.peer_name})",
        "" if record.ratio is None else f"{record.ratio:.3g}",
        "" if record.target is None else _figure(record.target),
        {True: "yes", False: "no", None: ""}[record.met],
    )


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 1000 else f"{value:.4g}"


if __name__ == "__main__":
    write_pages()
