"""What a stage that trains leaves of a model: the model, its folds, its curves, its metrics."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from rich.console import Console

from tribar.console import print_line
from tribar.dataset.prepared import PreparedSplit, write_bars
from tribar.dataset.splits import nested_kfold
from tribar.ensemble import checkpoint
from tribar.ensemble.trained_model import TrainedModel
from tribar.errors import UserError
from tribar.files import whole_folder
from tribar.metrics.predictions import CLASS_NAMES, Probability
from tribar.model.network.classifier import count_parameters
from tribar.outputs.curves import curve_table
from tribar.outputs.writers import write_csv, write_json, write_parquet

FOLDS = "folds.parquet"
"""The out-of-fold predictions in a model's folder."""


def write_trained(trained: TrainedModel, split: PreparedSplit, model: Path, results: Path) -> None:
    """Write a model's folder, with out-of-fold predictions and newest bars, and its results."""
    with whole_folder(model) as folder:
        checkpoint.save(trained.model, folder)
        table = out_of_fold_table(split, [one.chosen for one in trained.folds])
        write_parquet(folder / FOLDS, table)
        write_bars(split.bars, folder)
    write_csv(results / "curves.csv", curve_table(trained.networks))
    write_json(results / "metrics.json", trained.metrics())


def say_trained(name: str, trained: TrainedModel, console: Console) -> None:
    """Print a model's size, its losses and the weight that it has against the class prior."""
    metrics = trained.metrics()
    size, weight = count_parameters(trained.model.networks[0]), metrics["shrinkage"]
    print_line(
        console,
        f"{name}: {size:,} parameters, weight {weight:.2f} in the pool with the class prior",
    )
    for key, over in (("validation", "seeds"), ("kfold", "purged folds")):
        mean, std = metrics[key]["mean"], metrics[key]["std"]
        print_line(console, f"{name}: {key} log-loss {mean:.4f} +- {std:.4f} over {over}")


def out_of_fold_table(split: PreparedSplit, predictions: Sequence[Probability]) -> pd.DataFrame:
    """Return what models that did not train on a sample say of it, fold by fold.

    Args:
        split: development.
        predictions: of each fold's samples, (samples, classes).
    """
    table = _fold_samples(split)
    return table.assign(
        **{
            name: [value for one in predictions for value in one[:, column].tolist()]
            for column, name in enumerate(CLASS_NAMES)
        }
    )


def read_out_of_fold(path: Path, split: PreparedSplit) -> list[Probability]:
    """Return the probabilities of each fold's samples, (samples, classes), from a table.

    Raises:
        UserError: there is none, or it is of other folds than those of `split`.
    """
    expected = _fold_samples(split)
    try:
        table = pd.read_parquet(path)
        same = table[list(expected.columns)].equals(expected)
        probability = table[list(CLASS_NAMES)]
    except (OSError, ValueError, LookupError):
        same = False
    if not same:
        raise UserError(
            f"{path}: no predictions of the folds of this prepared split; run `tribar "
            f"train-{path.parent.name}` or `dvc repro`"
        )
    return [one.to_numpy() for _, one in probability.groupby(expected["fold"])]


def _fold_samples(split: PreparedSplit) -> pd.DataFrame:
    """Return symbol, decision, label and fold of every sample, fold by fold."""
    schema, samples = split.schema, split.samples[["symbol", "decision", "label"]]
    parts = nested_kfold(split.samples, schema.folds, schema.embargo)
    frames = [samples.iloc[one.evaluated].assign(fold=n) for n, one in enumerate(parts)]
    return pd.concat(frames, ignore_index=True)
