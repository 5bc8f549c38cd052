"""walk-forward: tune, retrain and forecast again and again, and judge all forecasts as one.

With no origin it writes empty tables at once; torch is imported only where it is needed.
"""

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.evaluation.config import EvaluateParams
from tribar.outputs.workspace import RESULTS, Workspace
from tribar.outputs.writers import write_csv, write_json, write_parquet
from tribar.stages.walk_forward import tables


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Walk forward, or write that there is nothing to walk."""
    if not params.walk_forward.origins:
        print_line(console, "walk-forward: no origin (walk_forward.origins)")
        return _write(tables.NOTHING, params.evaluate, workspace)
    from tribar.stages.walk_forward.origin import walk

    with walk(params, workspace, console) as walked:
        _write(walked, params.evaluate, workspace)
    for line in tables.lines(walked, params.evaluate):
        print_line(console, line)
    return None


def _write(walked: tables.Walked, params: EvaluateParams, workspace: Workspace) -> None:
    results = workspace.target(RESULTS / "walk-forward")
    write_json(results / "metrics.json", tables.metrics(walked, params))
    write_csv(results / "periods.csv", tables.periods(walked, params.confidence))
    write_csv(results / "parameters.csv", tables.parameters(walked))
    write_csv(results / "comparison.csv", tables.comparison(walked, params))
    write_parquet(results / "predictions.parquet", walked.predictions)
