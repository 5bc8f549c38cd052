"""What evaluate reads, refused where its parts were not made for each other."""

from dataclasses import dataclass, fields
from pathlib import Path

from tribar.dataset.prepared import PreparedSplit, read_split
from tribar.dataset.schema import Schema
from tribar.ensemble import checkpoint
from tribar.ensemble.ensemble import Ensemble
from tribar.errors import UserError
from tribar.outputs.best_params import read_best_params, read_best_value
from tribar.outputs.workspace import (
    BASELINE_MODEL,
    BEST_MODEL,
    BEST_PARAMS,
    DEVELOPMENT,
    TEST,
    Workspace,
)

_NUMBERS = ("window", "folds", "embargo")
_OF_DATA = {"fingerprint", "symbols", "class_returns", "until"}
"""What other data has otherwise, whatever it was made by."""


@dataclass(frozen=True)
class Inputs:
    """Two models and the data, all made from the same source."""

    development: PreparedSplit
    test: PreparedSplit
    best: Ensemble
    baseline: Ensemble


def read_inputs(workspace: Workspace) -> Inputs:
    """Return the splits and the models.

    Raises:
        UserError: one is missing, or was made from other data or for other parameters.
    """
    development = read_split(workspace.source(DEVELOPMENT))
    test = read_split(workspace.source(TEST))
    if other := _differences(development.schema, test.schema):
        raise UserError(
            f"{workspace.source(TEST)}: not prepared together with development ({other}); "
            "run `tribar prepare` or `dvc repro`"
        )
    best = _read_model(workspace, BEST_MODEL, test.schema)
    baseline = _read_model(workspace, BASELINE_MODEL, test.schema)
    if best.hyper != read_best_params(workspace):
        raise UserError(
            f"{workspace.source(BEST_MODEL)}: trained with other parameters than those of "
            f"{workspace.source(BEST_PARAMS)}; run `tribar train-best` or `dvc repro`"
        )
    read_best_value(workspace)  # refuses what no study has left, before anything is judged
    return Inputs(development, test, best, baseline)


def _read_model(workspace: Workspace, path: Path, schema: Schema) -> Ensemble:
    model = checkpoint.load(workspace.source(path))
    if other := _differences(model.schema, schema):
        raise UserError(
            f"{workspace.source(path)}: trained on other prepared data ({other}); "
            f"run `tribar train-{path.name}` or `dvc repro`"
        )
    return model


def _differences(theirs: Schema, ours: Schema) -> str:
    """Say in what two schemas differ; empty where they do not."""
    pairs = {f.name: (getattr(theirs, f.name), getattr(ours, f.name)) for f in fields(Schema)}
    other = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
    if other and other.keys() <= _OF_DATA:
        return "other bars, features, labels or shares of the splits"
    return "; ".join(
        f"{name} {pair[0]} there and {pair[1]} here" if name in _NUMBERS else f"other {name}"
        for name, pair in other.items()
        if name not in _OF_DATA
    )
