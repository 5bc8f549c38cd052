"""The results of two revisions on one page: which is better, what was changed, and both in full."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tribar.commands.compare import Comparison, compare_revisions
from tribar.commands.revisions import Revision
from tribar.errors import UserError
from tribar.files import whole_folder
from tribar.outputs.workspace import PARAMS, STATE, Workspace
from tribar.page import charts
from tribar.page.document import document
from tribar.page.figure import WIDTH, figure
from tribar.page.html import Markup, join, proper_name, table, tag
from tribar.stages.report.elements import NATS, grid, prose
from tribar.stages.report.first_screen import first_screen
from tribar.stages.report.numbers import NONE, show
from tribar.stages.report.results import Results

FOLDER = STATE / "compare"
"""Takes the page and, beside it, the tables of both revisions that it links to."""
_SIDES = ("base", "new")
_SCORES = (
    *("log_loss", "skill", "brier", "accuracy", "balanced_accuracy", "macro_f1", "mcc", "ece"),
)
_COUNTS = {
    "Decisions that were judged": ("evaluate/metrics.json", "test", "decisions"),
    "Models that the test split has judged": ("evaluate/metrics.json", "comparison", "models_seen"),
    "Trials": ("tune/metrics.json", "trials"),
    "Trials that were pruned": ("tune/metrics.json", "pruned"),
    "The winner's loss in the study": ("tune/metrics.json", "best_value"),
    "Its mean on fresh seeds": ("tune/metrics.json", "rescored_mean"),
    "Weight of the model against the prior": ("train-best/metrics.json", "shrinkage"),
}


def write_side_by_side(workspace: Workspace, base: str, new: str) -> Path:
    """Write a page of two revisions, with the tables that it links to; return its path.

    Raises:
        UserError: a revision is unknown or has no results.
    """
    revisions = [Revision(workspace.root, name) for name in (base, new)]
    with whole_folder(workspace.home / FOLDER) as folder:
        for revision, side in zip(revisions, _SIDES, strict=True):
            revision.copy_results(folder / side)
        page = document(f"{new} beside {base}", _body(revisions, folder))
        (folder / "index.html").write_text(page, encoding="utf-8")
    return workspace.home / FOLDER / "index.html"


def _body(revisions: list[Revision], folder: Path) -> Markup:
    both = [Results(Workspace(folder / side, None, folder / side)) for side in _SIDES]
    head = tag("header", tag("h1", "Which is better?"), *_verdict(*revisions))
    parts = _changes(*revisions), _numbers(revisions, both), _screens(revisions, both)
    return join([head, tag("main", *parts)])


def _verdict(base: Revision, new: Revision) -> Iterator[Markup]:
    """Yield the verdict on shared decisions, or why there is none, and its picture."""
    try:
        found = compare_revisions(base, new)
    except UserError as error:
        yield tag("p", "They cannot be compared.", class_="verdict")
        yield tag("p", str(error))
        return
    yield tag("p", f"{new.name}: {found.verdict.verdict}.", class_="verdict")
    yield from (tag("p", line) for line in [*found.text(), *found.notes])
    yield grid(_picture(found))


def _picture(found: Comparison) -> Markup:
    verdict = found.verdict
    ends = (np.array([np.nan if end is None else end]) for end in (verdict.low, verdict.high))
    spans = charts.Spans([found.new], np.array([verdict.difference]), *ends)
    return figure(
        f"{found.new} minus {found.base}",
        "Left of zero the second has the lower loss; an interval that crosses zero tells the two "
        "not apart.",
        partial(charts.intervals, spans=spans, label=f"difference of {NATS}"),
        (WIDTH, 1.4),
    )


def _changes(base: Revision, new: Revision) -> Markup:
    """Return the parameters that differ."""
    before, after = (_flat(yaml.safe_load(one.read(PARAMS))) for one in (base, new))
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    rows = [[name, *(prose(one.get(name, NONE)) for one in (before, after))] for name in names]
    head = ("Parameter", *(proper_name(one.name) for one in (base, new)))
    title = "Parameters that differ"
    return table(title, head, rows) if rows else tag("p", "Their parameters are the same.")


def _flat(tree: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """Return the values of nested parameters by their dotted names, as YAML.

    >>> _flat({"model": {"cell": "gru", "dropout": [0.1, 0.2]}})
    {'model.cell': 'gru', 'model.dropout': '[0.1, 0.2]'}
    """
    found: dict[str, str] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{above}{key}.")
        else:
            found[f"{above}{key}"] = str(value)
    return found


def _numbers(revisions: list[Revision], both: list[Results]) -> Markup:
    """Return what both revisions count, and how their best models score."""
    scores = {
        f"Best model: {one.replace('_', ' ')}": ("evaluate/metrics.json", "best", one)
        for one in _SCORES
    }
    rows = [
        [says, *(_shown(results, *key) for results in both)]
        for says, key in (scores | _COUNTS).items()
    ]
    return table("Numbers", ("Figure", *(proper_name(one.name) for one in revisions)), rows)


def _shown(results: Results, file: str, *keys: str) -> Markup:
    """Return a number; a dash where an earlier tribar did not write it."""
    with suppress(UserError):
        found = results.record(file).number(*keys)
        return show(found, ",.0f" if float(found.value).is_integer() else ".4f")
    return Markup(NONE)


def _screens(revisions: list[Revision], both: list[Results]) -> Markup:
    """Return the first screen of each report, whose links lead into its own tables."""
    return grid(
        *(
            tag("section", tag("h2", proper_name(revision.name)), _screen(results, side))
            for revision, results, side in zip(revisions, both, _SIDES, strict=True)
        )
    )


def _screen(results: Results, side: str) -> Markup:
    try:
        return Markup(first_screen(results).replace('href="../', f'href="{side}/results/'))
    except UserError as error:  # an earlier tribar wrote other results
        return tag("p", str(error))
