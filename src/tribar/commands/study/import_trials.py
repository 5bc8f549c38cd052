"""tribar study import: trials of an earlier study, for a study that is yet to run."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from rich.console import Console

from tribar.block import Choice
from tribar.commands.study.selection import stored_studies
from tribar.config.schema import Params
from tribar.console import print_line
from tribar.errors import UserError, listing
from tribar.files import hash_folder
from tribar.model.config import Hyperparameters, by_name
from tribar.outputs.workspace import DEVELOPMENT, WARM_START, Workspace
from tribar.outputs.writers import write_json
from tribar.records.earlier_trials import from_journal, from_storage
from tribar.records.stored import find_study
from tribar.search.conditions import restrict
from tribar.search.warm_start import FilteredTrials, filter_compatible
from tribar.trial.config import ObjectiveParams
from tribar.trial.objective_spec import ObjectiveSpec

Use = Literal["completed", "points"]


def import_trials(
    params: Params,
    workspace: Workspace,
    console: Console,
    source: str,
    name: str | None = None,
    to: Path | None = None,
    use: Use = "completed",
    best: int | None = None,
) -> None:
    """Keep the trials of `source` that the current space admits, and print what was dropped.

    Args:
        params: the parameters of the study that is yet to run.
        workspace: holds earlier studies.
        console: where to print.
        source: first digits of a study's identity, or an Optuna storage's URL.
        name: of the study in the storage; None for the only one.
        to: file to write; None for the one that `tribar tune` reads.
        use: writes the file, or shows the points as `tune.enqueue` takes them.
        best: keep this many of the best value; None for all.

    Raises:
        UserError: the source is missing or unreadable, or none of its trials fits.
    """
    spec = ObjectiveSpec.of(params.tune.objective)
    if len(spec.metrics) > 1:
        raise UserError("tune.objective.metrics: several metrics cannot be imported; name one")
    if "://" in source:
        found = from_storage(source, name, spec.direction)
    else:
        found = _from_study(workspace, source, spec, console)
    fitting = _filter(found, params)
    _print_counts(console, found, fitting)
    if not fitting.kept:
        raise UserError(f"{source}: none of its trials fits tune.space; nothing was written")
    ordered = sorted(fitting.kept, key=lambda one: spec.direction.sign * one.value)
    selected = ordered[:best] if best else fitting.kept
    if use == "points":
        _print_points(console, [restrict(params.tune.space, one.params) for one in selected])
        return
    path = to or workspace.root / WARM_START
    write_json(path, {"trials": [one.model_dump() for one in selected]})
    then = "" if to else "; `git add` it, and the next `dvc repro` starts a study that knows them"
    print_line(console, f"{path}: {len(selected)} trials{then}")


def _from_study(
    workspace: Workspace, prefix: str, spec: ObjectiveSpec, console: Console
) -> FilteredTrials:
    study = find_study(stored_studies(workspace), prefix)
    theirs = ObjectiveSpec.of(ObjectiveParams.model_validate_json(study.parts["objective"]))
    if theirs.metrics != spec.metrics:
        raise UserError(
            f"study {study.digest}: its trials are judged by {listing(theirs.metrics)}, those of "
            f"tune.objective.metrics by {listing(spec.metrics)}; name another study"
        )
    data = workspace.source(DEVELOPMENT)
    if data.is_dir() and hash_folder(data) != study.parts["data"]:
        line = f"study {study.digest} ran on other data than {data}: its values are of those"
        print_line(console, line)
    return from_journal(study.folder / "journal.jsonl", _fixed(study.parts))


def _fixed(parts: Mapping[str, str]) -> dict[str, Choice]:
    """Return the hyperparameters that a study used where it did not search them."""
    used = {**json.loads(parts["training"]), **json.loads(parts["model"])}
    return by_name({name: used[name] for name in Hyperparameters.model_fields if name in used})


def _filter(found: FilteredTrials, params: Params) -> FilteredTrials:
    fitting = filter_compatible(found.kept, params.tune.space, params.fixed_values())
    return FilteredTrials(fitting.kept, Counter(found.dropped) + Counter(fitting.dropped))


def _print_counts(console: Console, found: FilteredTrials, fitting: FilteredTrials) -> None:
    total = len(found.kept) + sum(found.dropped.values())
    print_line(console, f"kept {len(fitting.kept)} of {total} trials")
    for reason, count in sorted(fitting.dropped.items()):
        print_line(console, f"dropped {count}: {reason}")


def _print_points(console: Console, points: list[dict[str, Choice]]) -> None:
    print_line(console, "tune:\n  enqueue:")
    for point in points:
        print_line(console, f"    - {json.dumps(point)}")
