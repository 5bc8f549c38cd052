"""refit: the best configuration on all decisions up to the last matured one, for forecasts."""

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import PreparedSplit, write_bars, write_split
from tribar.ensemble import checkpoint
from tribar.ensemble.calibration import Calibration, class_shares
from tribar.ensemble.ensemble import Ensemble, ensemble
from tribar.ensemble.refitting import Refit
from tribar.ensemble.training import ensemble_seeds
from tribar.ensemble.training_errors import as_user_error
from tribar.errors import UserError
from tribar.execution.trainings import configure, refit_networks
from tribar.files import whole_folder
from tribar.market.pipeline import prepare_whole, read_source
from tribar.outputs.workspace import BEST_MODEL, OFF, REFIT_MODEL, RESULTS, STATE, Workspace
from tribar.outputs.writers import write_json

_METRICS = RESULTS / "refit/metrics.json"
_CURVES = RESULTS / "train-best/curves.csv"


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Train the best configuration on all decisions, where that is asked for."""
    target, results = workspace.target(REFIT_MODEL), workspace.target(_METRICS)
    if not params.refit.enabled:
        with whole_folder(target) as folder:
            (folder / OFF).touch()  # DVC wants an output
        write_json(results, {"enabled": False})
        print_line(console, "refit: off; refit.enabled: true trains the best on all decisions")
        return
    best = checkpoint.load(workspace.source(BEST_MODEL))
    whole = _whole(params, workspace, best)
    runs = _runs(params, workspace)
    (workspace.home / STATE).mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="refit.", dir=workspace.home / STATE) as data:
        write_split(whole, Path(data))
        configuration = configure(best.hyper, params, workspace, Path(data))
        with as_user_error("refit"), refit_networks(configuration, runs) as trained:
            fold = configuration.whole()
            calibration = _calibration(best, fold.train.target.cpu().numpy())
            model = ensemble(trained, fold, best.hyper, calibration)
            with whole_folder(target) as folder:
                checkpoint.save(model, folder)
                write_bars(whole.bars, folder)
    decisions, until = len(whole.samples), whole.schema.until
    epochs = [one.epochs for one in runs]
    write_json(results, {"enabled": True, "decisions": decisions, "epochs": epochs, "until": until})
    line = f"refit: {decisions} decisions, labels until {until[:10]}; epochs by seed {epochs}"
    print_line(console, f"{line}; no score of its own")


def _whole(params: Params, workspace: Workspace, best: Ensemble) -> PreparedSplit:
    """Return all decisions, refused where they are not those that the best model was chosen on."""
    path = workspace.root / params.prepare.source
    whole = prepare_whole(read_source(path, params.prepare), params.prepare)
    ours, theirs = whole.schema, best.schema
    same = ("source_sha256", "features", "window", "definition", "groups")
    other = [name for name in same if getattr(ours, name) != getattr(theirs, name)]
    if other:
        raise UserError(
            f"{workspace.source(BEST_MODEL)}: trained on other data or by other parameters of "
            f"prepare ({', '.join(other)}); run `dvc repro`"
        )
    return whole


def _runs(params: Params, workspace: Workspace) -> list[Refit]:
    """Return a training for each seed of the best model, with the losses that it had there."""
    path = workspace.source(_CURVES)
    try:
        table = pd.read_csv(path)
    except OSError:
        raise UserError(f"{path}: no such file; run `tribar train-best` or `dvc repro`") from None
    curves = [tuple(own) for _, own in table.groupby("seed")["validation_loss"]]
    seeds = ensemble_seeds(params.base.seed, params.training.seeds)
    if len(curves) != len(seeds):
        raise UserError(
            f"{path}: curves of {len(curves)} networks, and training.seeds is {len(seeds)}; run "
            "`tribar train-best` or `dvc repro`"
        )
    return [Refit(seed, curve) for seed, curve in zip(seeds, curves, strict=True)]


def _calibration(best: Ensemble, target: NDArray[np.int64]) -> Calibration:
    """Return the best model's calibration, against the class shares that were learnt from now."""
    found = best.calibration
    prior = tuple(class_shares(target).tolist()) if found.prior else ()
    return Calibration(found.temperature, found.weight, prior)
