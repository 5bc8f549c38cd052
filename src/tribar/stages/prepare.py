"""prepare: the source of bars or labels becomes a development and a test split."""

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import write_split
from tribar.files import whole_folder
from tribar.market.bars import Bars
from tribar.market.pictures import pictures
from tribar.market.pipeline import prepare_source, read_source
from tribar.outputs.workspace import DEVELOPMENT, RESULTS, TEST, Workspace
from tribar.outputs.writers import write_csv, write_json


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Read the source, make features, labels, windows and splits, and write them."""
    source = read_source(workspace.root / params.prepare.source, params.prepare)
    prepared = prepare_source(source, params.prepare)
    with whole_folder(workspace.target(DEVELOPMENT)) as folder:
        write_split(prepared.development, folder)
    with whole_folder(workspace.target(TEST)) as folder:
        write_split(prepared.test, folder)
    results = workspace.target(RESULTS / "prepare")
    write_json(results / "metrics.json", prepared.report.metrics())
    bars = source if isinstance(source, Bars) else None
    for name, table in pictures(prepared, bars, params.prepare.labels).items():
        write_csv(results / f"{name}.csv", table)
    for line in prepared.report.lines():
        print_line(console, line)
