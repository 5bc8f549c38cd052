"""The model card that `report` made, if it is of the model that a command hands on."""

import json
from contextlib import suppress

from tribar.outputs.workspace import RESULTS, Workspace
from tribar.stages.report.run import CARD

_MODELS = RESULTS / "evaluate/models.json"
NO_CARD = f"no model card: {CARD} is missing or of another model; `dvc repro` makes it"


def find_card(workspace: Workspace, version: str) -> str:
    """Return the card of the best model as Markdown; nothing where it is of another version.

    Args:
        workspace: whose results are looked at.
        version: names the model, as its forecasts do.
    """
    with suppress(OSError, ValueError, LookupError, TypeError):
        judged = json.loads(workspace.source(_MODELS).read_text("utf-8"))["best"]["version"]
        if judged == version:
            return workspace.source(CARD).read_text("utf-8")
    return ""
