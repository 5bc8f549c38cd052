"""report: reads what the other stages wrote, and writes a page and a model card."""

from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.outputs.workspace import RESULTS, Workspace
from tribar.outputs.writers import write_text
from tribar.stages.report.inputs import Inputs
from tribar.stages.report.model_card import model_card
from tribar.stages.report.page import page
from tribar.stages.report.results import Results

PAGE = RESULTS / "report/index.html"
CARD = RESULTS / "report/model_card.md"


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Write the page and the model card from what is in results.

    Raises:
        UserError: a stage has not left its results.
    """
    blocks = (
        ("base", params.base),
        ("prepare", params.prepare),
        ("baseline", params.baseline),
        ("model", params.model),
        ("training", params.training),
        ("tune", params.tune),
        ("refit", params.refit),
        ("evaluate", params.evaluate),
        ("walk_forward", params.walk_forward),
    )
    values = {name: block.model_dump(mode="json") for name, block in blocks}
    results, inputs = Results(workspace), Inputs.of(workspace, values)
    for path, text in ((PAGE, page(results, inputs)), (CARD, model_card(results, inputs))):
        write_text(workspace.target(path), text)
        size = len(text.encode())
        print_line(console, f"wrote {workspace.target(path)} ({size / 1e3:,.0f} kB)")
