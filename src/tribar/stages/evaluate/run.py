"""evaluate: the best model on the test split, against baseline and references."""

from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import PreparedSplit
from tribar.ensemble.ensemble import Ensemble
from tribar.evaluation.horizon import horizon
from tribar.evaluation.permutation import Permutation, newest, permutations
from tribar.forecasting.forecaster import Forecaster, model_version
from tribar.forecasting.options import ForecastOptions
from tribar.market.bars import Bars
from tribar.outputs.workspace import BASELINE_MODEL, BEST_MODEL, OPENINGS, RESULTS, Workspace
from tribar.outputs.writers import write_csv, write_json, write_parquet, write_text
from tribar.records.openings import name_model, record_opening
from tribar.records.revision import describe_revision
from tribar.runtime import derive_seed, open_device
from tribar.stages.evaluate.forecasts import forecast
from tribar.stages.evaluate.inputs import Inputs, read_inputs
from tribar.stages.evaluate.judge import judge
from tribar.stages.evaluate.models import calibration_effect, describe_models
from tribar.stages.evaluate.verdict import VERDICT, opened_here
from tribar.tracking import LogProcess, log_evaluation, require_results


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Predict, compare, explain; write the results and log the whole run."""
    open_device("cpu")
    require_results(workspace)
    log_process = LogProcess(workspace.home, params.tracking.experiment)
    inputs = read_inputs(workspace)
    _note_opening(inputs, params, workspace)
    judged = inputs.test.select(newest(inputs.test.samples))
    everyone = forecast(inputs, workspace, _orders(judged, horizon(inputs.test.samples), params))
    splits = (inputs.development, inputs.test)
    found = judge(everyone, *splits, params.evaluate, params.base.seed)
    folder = workspace.target(RESULTS / "evaluate")
    write_json(folder / "metrics.json", found.metrics)
    for name, table in found.tables.items():
        write_csv(folder / f"{name}.csv", table)
    write_parquet(folder / "predictions.parquet", everyone.test.table())
    _write_attention(folder, judged, inputs.best)
    effect = calibration_effect(judged, inputs.best, params.evaluate.calibration_bins)
    write_csv(folder / "calibration_effect.csv", effect)
    versions = {
        path.name: model_version(workspace.source(path)) for path in (BEST_MODEL, BASELINE_MODEL)
    }
    models = {"best": inputs.best, "baseline": inputs.baseline}
    write_json(folder / "models.json", describe_models(models, versions))
    write_json(folder / "forecast.json", _next_bars(inputs, versions["best"], params))
    write_text(workspace.target(VERDICT), "".join(f"{line}\n" for line in found.lines))
    for line in [*found.lines, *opened_here(workspace)]:
        print_line(console, line)
    print_line(console, log_evaluation(log_process, params, workspace).message)


def _orders(judged: PreparedSplit, horizon: int, params: Params) -> tuple[Permutation, ...]:
    """Return the permutations of the newest decisions' rows, in blocks of two horizons."""
    repeats, seed = (
        params.evaluate.permutation_repeats,
        derive_seed(params.base.seed, "permutation"),
    )
    return permutations(judged, 2 * horizon, repeats, seed)


def _note_opening(inputs: Inputs, params: Params, workspace: Workspace) -> None:
    """Count this opening of the test split, before anything is seen of it."""
    model = name_model(inputs.best.hyper, params, inputs.development.schema.fingerprint)
    revision, folder = describe_revision(workspace.root), workspace.home / OPENINGS
    record_opening(folder, inputs.test.samples, model, revision, "evaluate")


def _next_bars(inputs: Inputs, version: str, params: Params) -> dict[str, object]:
    """Return the best model's forecast from the newest bars of the source, as they were then."""
    if inputs.test.bars is None:
        return {
            "forecasts": [],
            "notes": ["the source came labelled: tribar predict reads another"],
        }
    bars = Bars.from_frame(inputs.test.bars)
    newest = pd.Timestamp(bars.index.time.max(), tz="UTC")
    options = ForecastOptions(as_of=newest, cost=params.evaluate.cost)
    return Forecaster(inputs.best, bars, version).forecast(bars, options).record()


def _write_attention(folder: Path, test: PreparedSplit, best: Ensemble) -> None:
    """Write the best model's weight of each bar, of each decision and their mean."""
    weights = best.attention(test.rows, test.last)
    before = np.arange(weights.shape[1])[::-1]
    mean = pd.DataFrame({"bars_before": before, "weight": weights.mean(axis=0, dtype=float)})
    write_csv(folder / "attention.csv", mean)
    decisions = test.samples[["symbol", "decision"]]
    bars = pd.DataFrame(weights, decisions.index, [f"bars_before_{n}" for n in before])
    write_parquet(folder / "attention.parquet", decisions.join(bars))
