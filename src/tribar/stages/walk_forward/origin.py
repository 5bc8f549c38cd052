"""One origin after the other: the stages run on what lies before, in a folder of its own."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
from rich.console import Console

from tribar.block import Choice
from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import read_split, write_split
from tribar.evaluation.origins import Origin, cut_origins
from tribar.execution.executors import EVERYTHING, expect_workers
from tribar.files import whole_folder
from tribar.outputs.best_params import read_best_params
from tribar.outputs.workspace import DEVELOPMENT, OPENINGS, TEST, WALKS, Workspace
from tribar.outputs.writers import write_parquet
from tribar.records.identity import identify_walk
from tribar.records.openings import record_opening
from tribar.records.revision import describe_revision
from tribar.runtime import open_device
from tribar.stages import train_baseline
from tribar.stages.evaluate.forecasts import forecast
from tribar.stages.evaluate.inputs import read_inputs
from tribar.stages.train_best import run as train_best
from tribar.stages.tune import run as tune
from tribar.stages.walk_forward.tables import Walked

_PREDICTIONS = Path("predictions.parquet")


@contextmanager
def walk(params: Params, workspace: Workspace, console: Console) -> Iterator[Walked]:
    """Yield the forecasts of all origins; what is passed is kept until the block has ended well.

    Raises:
        UserError: nothing is prepared, or an origin has too little before it.
    """
    expect_workers(EVERYTHING)
    data = [workspace.source(path) for path in (DEVELOPMENT, TEST)]
    device = open_device(params.training.device, params.training.amp)
    identity = identify_walk(params, data, device)
    home = workspace.home / WALKS / identity
    development, test = (read_split(folder) for folder in data)
    origins = cut_origins(development, test, params.walk_forward)
    _note_opening(origins, identity, workspace)
    places = [replace(workspace, output=home / str(origin.number)) for origin in origins]
    for origin, place in zip(origins, places, strict=True):
        if not place.target(_PREDICTIONS).exists():
            name = f"origin {origin.number} of {len(origins)}"
            print_line(console, f"{name}: {_span(origin)}")
            _pass(origin, params, place)
    tables = [
        pd.read_parquet(place.target(_PREDICTIONS)).assign(origin=number)
        for number, place in enumerate(places, 1)
    ]
    pooled = pd.concat(tables, ignore_index=True)
    chosen = tuple(_chosen(params, place) for place in places)
    yield Walked(pooled[["origin", *pooled.columns.drop("origin")]], chosen)
    shutil.rmtree(home)


def _note_opening(origins: Sequence[Origin], identity: str, workspace: Workspace) -> None:
    """Count this opening of a test split: all that lies behind the first origin."""
    judged = pd.concat([origin.test.samples for origin in origins])
    revision, folder = describe_revision(workspace.root), workspace.home / OPENINGS
    record_opening(folder, judged, identity, revision, "walk-forward")


def _pass(origin: Origin, params: Params, place: Workspace) -> None:
    """Tune, retrain and forecast with what lies before an origin."""
    for path, split in ((DEVELOPMENT, origin.development), (TEST, origin.test)):
        with whole_folder(place.target(path)) as folder:
            write_split(split, folder)
    quiet = Console(quiet=True)
    for stage in (train_baseline, tune, train_best):
        stage.run(params, place, quiet)
    forecasts = forecast(read_inputs(place), place).test
    write_parquet(place.target(_PREDICTIONS), forecasts.table())


def _chosen(params: Params, place: Workspace) -> Mapping[str, Choice]:
    best = read_best_params(place).by_name()
    return {name: best[name] for name in params.tune.space if name in best}


def _span(origin: Origin) -> str:
    decision = origin.test.samples["decision"]
    learnt = len(origin.development.samples)
    return (
        f"{learnt} decisions before {decision.min():%Y-%m-%d}, {len(decision)} until "
        f"{decision.max():%Y-%m-%d}"
    )
