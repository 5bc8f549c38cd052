"""Reports of the committed results, and of such as were changed."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from tests.running import ROOT
from tribar.config.reading import read_params
from tribar.outputs.workspace import Workspace
from tribar.stages.report.inputs import Inputs
from tribar.stages.report.model_card import model_card
from tribar.stages.report.page import page
from tribar.stages.report.results import Results

HOSTILE = "<script>alert(1)</script>'\" onload=x \u202eright to left\u202c `*_|` " + 160 * "W"


def inputs(output: Path) -> Inputs:
    params = read_params(ROOT / "params.yaml")
    return Inputs.of(
        Workspace(ROOT, output, ROOT),
        params.model_dump(mode="json", exclude={"tracking", "promote"}),
    )


def made(output: Path) -> str:
    """Return the page of the results in a folder."""
    return page(Results(Workspace(ROOT, output, ROOT)), inputs(output))


def card(output: Path) -> str:
    """Return the model card of the results in a folder."""
    return model_card(Results(Workspace(ROOT, output, ROOT)), inputs(output))


def copied(folder: Path, names: Mapping[str, str] | None = None) -> Path:
    """Return a folder with the committed results, in which names have been replaced."""
    ignored = shutil.ignore_patterns("report")
    shutil.copytree(ROOT / "results", folder / "results", ignore=ignored)
    for path in (folder / "results").rglob("*.*"):
        if names and path.suffix in (".csv", ".json"):
            text = path.read_text("utf-8")
            for old, new in names.items():
                as_json = json.dumps(new, ensure_ascii=False)[1:-1]
                quoted = '"' + new.replace('"', '""') + '"'
                text = text.replace(old, quoted if path.suffix == ".csv" else as_json)
            path.write_text(text, "utf-8")
    return folder
