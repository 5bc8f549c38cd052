"""prepare: the source of bars or labels becomes a development and a test split."""

from pathlib import Path

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import write_split
from tribar.files import whole_folder
from tribar.market.config import PrepareParams
from tribar.market.pipeline import Prepared, prepare_bars, prepare_labelled
from tribar.market.sources.bars import read_bars
from tribar.market.sources.labelled import read_labelled
from tribar.outputs.workspace import DEVELOPMENT, RESULTS, TEST, Workspace
from tribar.outputs.writers import write_json


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Read the source, make features, labels, windows and splits, and write them."""
    prepared = _prepare(params.prepare, workspace.root / params.prepare.source)
    with whole_folder(workspace.target(DEVELOPMENT)) as folder:
        write_split(prepared.development, folder)
    with whole_folder(workspace.target(TEST)) as folder:
        write_split(prepared.test, folder)
    write_json(workspace.target(RESULTS / "prepare/metrics.json"), prepared.report.metrics())
    for line in prepared.report.lines():
        print_line(console, line)


def _prepare(params: PrepareParams, source: Path) -> Prepared:
    if params.kind == "labelled":
        return prepare_labelled(
            read_labelled(source, params.labels.horizon, params.timezone, params.read), params
        )
    bars = read_bars(source, params.max_gap_days, params.timezone, params.stamps, params.read)
    return prepare_bars(bars, params)
