"""The verdict in words, as `make repro` prints it at its end."""

import io
import os
from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console
from rich.table import Table

from tribar.console import print_line
from tribar.dataset.prepared import read_split
from tribar.errors import UserError
from tribar.evaluation.config import EvaluateParams
from tribar.evaluation.verdict import Verdict, overall
from tribar.metrics.scores import Scores
from tribar.outputs.workspace import OPENINGS, RESULTS, STUDIES, TEST, Workspace
from tribar.records.openings import openings_of

VERDICT = RESULTS / "evaluate/verdict.txt"
_SHOWN = ("log_loss", "skill", "brier", "accuracy", "macro_f1", "mcc", "ece")
_GROUPS = {
    "worse": "worse than",
    "no evidence of a difference": "not told apart from",
    "better": "better than",
    "too few decisions": "not judged against",
}


def verdict_lines(
    verdicts: Mapping[str, Verdict], kind: str, scores: Sequence[str], params: EvaluateParams
) -> Iterator[str]:
    """Yield the verdict, what kind of skill it is about, the scores, and each comparison.

    Args:
        verdicts: of the best model against each other one.
        kind: a sentence on the kind of skill.
        scores: the lines of their table.
        params: confidence, and models that the test split has judged.
    """
    yield f"verdict: {overall(verdicts)}; best is {_by_word(verdicts)}"
    yield kind
    yield from scores
    for other, verdict in verdicts.items():
        yield verdict.sentence("best", other, params.confidence)
    yield _after_all_models(verdicts, params)


def score_lines(scores: Mapping[str, Scores]) -> list[str]:
    """Return the scores of everyone as a table of text."""
    table = Table("test split", *_SHOWN, box=None)
    for who, one in scores.items():
        table.add_row(who, *(f"{one.metrics()[name]:.4f}" for name in _SHOWN))
    text = io.StringIO()
    Console(file=text, width=200).print(table)
    return [line.rstrip() for line in text.getvalue().splitlines()]


def show(workspace: Workspace, console: Console) -> None:
    """Print the stored scores and verdicts, and how often this clone opened the test split.

    Raises:
        UserError: nothing has been evaluated yet.
    """
    path = workspace.source(VERDICT)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        raise UserError(f"{path}: nothing evaluated yet; run `dvc repro`") from None
    for line in [*lines, *opened_here(workspace)]:
        print_line(console, line)
    print_line(console, f"results: {os.path.relpath(path.parent.parent)}/")
    if not (workspace.home / STUDIES).is_dir():
        line = "no study has run here: the committed results of tune are those of these inputs"
        print_line(console, f"{line}; `dvc repro --force tune` runs it")


def opened_here(workspace: Workspace) -> list[str]:
    """Return what this clone knows of the models that the test split has judged."""
    try:
        samples = read_split(workspace.source(TEST), columns=["symbol", "decision"]).samples
    except UserError:
        return []  # a clone that has prepared nothing has opened nothing
    openings = openings_of(workspace.home / OPENINGS, samples)
    if not openings:
        return []
    since = openings[0].opened.partition("T")[0]
    models = f"{len(openings)} model{'' if len(openings) == 1 else 's'}"
    return [f"this clone has judged {models} on this test split since {since}"]


def _by_word(verdicts: Mapping[str, Verdict]) -> str:
    """Name the others by what can be said against them, what tells against best first.

    >>> same = Verdict(0.0, -1.0, 1.0, "no evidence of a difference", 1.0, None, -1.0, 1.0, True)
    >>> beaten = Verdict(-2.0, -3.0, -1.0, "better", 1.0, 1.0, -3.0, -1.0, True)
    >>> _by_word({"prior": beaten, "ridge": same, "uniform": beaten})
    'not told apart from ridge; better than prior, uniform'
    """
    named = {
        says: [other for other, one in verdicts.items() if one.verdict == word]
        for word, says in _GROUPS.items()
    }
    return "; ".join(f"{says} {', '.join(others)}" for says, others in named.items() if others)


def _after_all_models(verdicts: Mapping[str, Verdict], params: EvaluateParams) -> str:
    """Say which verdicts hold if the test split's earlier models are allowed for."""
    models = params.models_seen
    if models == 1:
        return "evaluate.models_seen: the test split is stated to have judged this model alone"
    lost = [
        f"{one.verdict} than {other}"
        for other, one in verdicts.items()
        if one.verdict in ("better", "worse") and not one.survives
    ]
    level = 100 * (1 - (1 - params.confidence) / models)
    kept = f"{', '.join(lost)} would not survive" if lost else "every verdict would survive"
    return (
        f"the test split has judged {models} models (evaluate.models_seen): at {level:.4g} %, "
        f"which allows for them, {kept}"
    )
