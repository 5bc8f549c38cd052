"""Runs every benchmark, one after the other, and puts the figures into the documents."""

from benchmarks import (
    batched,
    cells,
    curves,
    evaluate,
    growing,
    growth,
    lag,
    noop,
    options,
    predict,
    prepare,
    repro,
    scaling,
    serve,
    shrinkage,
    startup,
    study,
    supervision,
    switches,
    targets,
    training,
    utilisation,
    walk_forward,
)
from benchmarks.records import write
from benchmarks.tables import write_pages


def main() -> None:
    """Measure, write `benchmarks/results/<name>.json` and the tables and pictures made of them."""
    pipeline = (noop, prepare, repro, startup, evaluate, predict, serve, walk_forward)
    networks = (cells, switches, batched, growth, supervision, options, shrinkage)
    studies = (study, utilisation, scaling, lag, training)
    for benchmark in (*pipeline, *networks, *studies):
        write(benchmark.__name__.rpartition(".")[2], benchmark.measure())
    curves.draw()
    targets.draw()
    growing.draw()
    write_pages()


if __name__ == "__main__":
    main()
