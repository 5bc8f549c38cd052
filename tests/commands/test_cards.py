"""A model card goes with its own model alone."""

import json
from pathlib import Path

from tests.running import ROOT
from tests.stages.report.made import copied
from tribar.commands.cards import find_card
from tribar.outputs.workspace import Workspace


def test_a_card_is_found_for_its_own_model_alone(tmp_path: Path) -> None:
    folder = copied(tmp_path)
    workspace = Workspace(folder, None, folder)
    version = json.loads((folder / "results/evaluate/models.json").read_text())["best"]["version"]
    assert find_card(workspace, version) == ""
    card = (ROOT / "results/report/model_card.md").read_text("utf-8")
    (folder / "results/report").mkdir()
    (folder / "results/report/model_card.md").write_text(card, "utf-8")
    assert find_card(workspace, version) == card
    assert find_card(workspace, "another") == ""
