"""The verdict in words, as `make repro` prints it at its end."""

import json
import os
from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

from tribar.console import print_line
from tribar.errors import UserError
from tribar.evaluation.verdict import Verdict
from tribar.outputs.workspace import RESULTS, STUDIES, Workspace

METRICS = RESULTS / "evaluate/metrics.json"
_SHOWN = ("log_loss", "skill", "brier", "accuracy", "macro_f1", "mcc", "ece")
_WHO = ("best", "baseline", "logistic", "prior", "uniform")


def show(workspace: Workspace, console: Console) -> None:
    """Print the stored scores and verdicts.

    Raises:
        UserError: nothing has been evaluated yet.
    """
    path = workspace.source(METRICS)
    try:
        metrics = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise UserError(f"{path}: nothing evaluated yet; run `dvc repro`") from None
    say_verdict(metrics, console)
    folder = os.path.relpath(path.parent.parent)
    print_line(console, f"results: {folder}/")
    if not (workspace.home / STUDIES).is_dir():
        line = "no study has run here: the committed results of tune are those of these inputs"
        print_line(console, f"{line}; `dvc repro --force tune` runs it")


def say_verdict(metrics: Mapping[str, Any], console: Console) -> None:
    """Print the test scores of everyone and what the best model's differences allow to say."""
    table = Table("test split", *_SHOWN, box=None)
    for who in _WHO:
        table.add_row(who, *(f"{metrics[who][name]:.4f}" for name in _SHOWN))
    console.print(table)
    comparison = metrics["comparison"]
    for other in ("baseline", "prior", "logistic"):
        verdict = Verdict(**comparison[f"best_minus_{other}"])
        sentence = verdict.sentence("best", other, comparison["confidence"])
        print_line(console, sentence)
