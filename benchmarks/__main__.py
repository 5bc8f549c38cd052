"""Runs every benchmark, one after the other, and puts the figures into the documents."""

from benchmarks import (
    cells,
    growth,
    lag,
    noop,
    options,
    prepare,
    repro,
    study,
    supervision,
    training,
    utilisation,
)
from benchmarks.records import write
from benchmarks.tables import write_pages


def main() -> None:
    """Measure, write `benchmarks/results/<name>.json` and the tables made from them."""
    quick = (noop, prepare, repro, study, utilisation, cells, growth)
    for benchmark in (*quick, lag, supervision, options, training):
        write(benchmark.__name__.rpartition(".")[2], benchmark.measure())
    write_pages()


if __name__ == "__main__":
    main()
