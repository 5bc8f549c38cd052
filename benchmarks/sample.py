"""The sample, prepared; the parameters, with overrides; and what a study of it needs."""

import tempfile
from pathlib import Path

from tribar.config.reading import read_params
from tribar.config.schema import Params
from tribar.dataset.prepared import PreparedSplit, read_split, write_split
from tribar.market.pipeline import prepare_source
from tribar.market.sources.bars import read_bars
from tribar.model.folds import Fold, make_fold
from tribar.model.windows import Windows, to_device
from tribar.trial.recipe import Recipe


def read(*overrides: str) -> Params:
    """Return the committed parameters with overrides."""
    return read_params(Path("params.yaml"), [one for one in overrides if one])


def prepare_sample(folder: Path) -> None:
    """Write the sample's development split, and its test split in a folder below."""
    params = read().prepare
    bars = read_bars(Path(params.source), params.max_gap_days)
    prepared = prepare_source(bars, params)
    write_split(prepared.development, folder)
    (folder / "test").mkdir()
    write_split(prepared.test, folder / "test")


def sample_fold() -> Fold:
    """Return the sample's training and validation windows."""
    with tempfile.TemporaryDirectory() as name:
        prepare_sample(Path(name))
        return fold_of(read_split(Path(name)))


def fold_of(split: PreparedSplit) -> Fold:
    """Return the training and validation windows of a split."""
    return make_fold(split, split.part("train"), split.part("validation"), "cpu")


def held_out_windows(data: Path) -> Windows:
    """Return the windows of a prepared sample's test split, scaled by its training rows."""
    scaler, test = fold_of(read_split(data)).scaler, read_split(data / "test")
    return Windows.of(to_device(scaler.apply(test.rows), "cpu"), test.samples, test.schema)


def recipe_of(params: Params, data: Path, folder: Path, seed: int) -> Recipe:
    """Return the recipe of a study of the sample."""
    return Recipe(
        study=str(folder),
        data=data,
        folder=folder / "running",
        device="cpu",
        network=params.model,
        training=params.training,
        pruner=params.tune.pruner,
        seed=seed,
        objective=params.tune.objective,
    )
