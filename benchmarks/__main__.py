"""Runs every benchmark, one after the other, and puts the figures into the documents."""

from benchmarks import (
    cells,
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
    each = (noop, prepare, repro, study, utilisation, lag, cells, supervision, options, training)
    for benchmark in each:
        write(benchmark.__name__.rpartition(".")[2], benchmark.measure())
    write_pages()


if __name__ == "__main__":
    main()
