"""docs/benchmarks.md, and the figures in README.md, made from the records."""

import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from benchmarks import curves, growing, targets
from benchmarks.records import RESULTS, Record, Run
from tools import bits

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
README = ROOT / "README.md"
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*(?=<!-- /figures -->)", re.DOTALL)
HEAD = """# Benchmarks

Written by `make bench` from `benchmarks/results/*.json`; do not edit. Seconds differ from machine
to machine and from hour to hour; a ratio is of two things measured turn by turn in one run.

The time to the usual script's best loss stands beside two readings of the script: its own time
until then, and its whole study, which is what one waits for. With two jobs at once, or handed our
first trial, the script comes to its best after 13 to 23 seconds. Ours starts for about three,
nearly all of them imports, and on a sample as small as this cannot be there in a seventh of that;
it is there in about a tenth of those whole studies.
"""
PICTURES = {"growth": growing.PICTURE, "training": curves.PICTURE}
PROMINENT = {
    ("training", "ours: time to the best", "the usual script, whole study"): (
        "until the best validation loss of the usual Optuna script, over that script's whole study"
    ),
    ("cells", "a training step of two GRU layers, batch 1,", "torch's GRU"): (
        "a training step of two GRU layers, batch 1, over torch's"
    ),
    ("growth", "an epoch, 1,000,000 rows, 8 units, batch 256: peak memory", "stacked windows"): (
        "peak memory of an epoch of a million rows, over stacked windows'"
    ),
    ("study", "one trial of 10 reports and prune checks after 100 trials", "Optuna, SQLite"): (
        "what the study adds to a trial after 100, over Optuna's on SQLite"
    ),
    ("noop", "no-op dvc repro", "empty pipeline of six stages"): (
        "`dvc repro` with nothing to do, over an empty pipeline"
    ),
}
"""Those of README: a benchmark, how its work begins, and beside whom; how a visitor reads it."""
COLUMNS = ("work", "ours", "peer", "ratio", "target", "met")


def write_pages() -> None:
    """Write all records a section a benchmark, those with a target first, and README's figures."""
    paths = [path for path in sorted(RESULTS.glob("*.json")) if path != bits.RECORD]
    runs = {path.stem: Run.load(path) for path in paths}
    sections = [_section(name, run) for name, run in runs.items()]
    PAGE.write_text("\n".join([HEAD, _promised(runs), *sections]), encoding="utf-8")
    readme = README.read_text(encoding="utf-8")
    figures = _figures(runs)
    README.write_text(FIGURES.sub(lambda found: figures, readme), encoding="utf-8")


def _promised(runs: Mapping[str, Run]) -> str:
    """Return all that has a target, and the picture of the ratios among them."""
    rows = [
        (f"[{name}](#{name})", *_cells(record))
        for name, run in runs.items()
        for record in run.records
        if record.target is not None
    ]
    picture = f"![Ratios and their targets]({targets.PICTURE.name})\n"
    return "\n".join(["## What has a target\n", picture, _table(("benchmark", *COLUMNS), rows)])


def _figures(runs: Mapping[str, Run]) -> str:
    """Return the few ratios that README shows.

    Raises:
        LookupError: there is no such record.
    """
    rows = []
    for (name, work, peer), says in PROMINENT.items():
        (record,) = (
            one for one in runs[name].records if one.work.startswith(work) and one.peer_name == peer
        )
        rows.append((says, f"{record.ratio:.2g}", f"`python -m benchmarks.{name}`"))
    return _table(("ours, over the other's", "ratio", "measured by"), rows)


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
