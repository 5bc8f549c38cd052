"""Runs every benchmark, one after the other, and writes docs/benchmarks.md from the records."""

from benchmarks import noop, prepare, repro
from benchmarks.records import write
from benchmarks.tables import write_page


def main() -> None:
    """Measure, write `benchmarks/results/<name>.json` and the page."""
    for benchmark in (noop, prepare, repro):
        write(benchmark.__name__.rpartition(".")[2], benchmark.measure())
    write_page()


if __name__ == "__main__":
    main()
