"""The references on the purged folds, each fit a job of its own, on all cores."""

from dataclasses import dataclass
from pathlib import Path

from tribar.dataset.prepared import PreparedSplit, read_split
from tribar.dataset.splits import nested_kfold
from tribar.evaluation.references import NAMES, Decisions, fit_reference
from tribar.execution.executors import MODULES, open_executor, run_all
from tribar.metrics.predictions import Probability, prior
from tribar.model.places import place_of
from tribar.outputs.workspace import DEVELOPMENT, RESULTS, Workspace


@dataclass(frozen=True)
class FoldFit:
    """A reference fitted on a fold's inner training part and chosen on its inner validation.

    Attributes:
        name: of the reference.
        fold: number of the fold.
        data: folder of development.
        home: folder of the run that asks.
    """

    name: str
    fold: int
    data: Path
    home: Path


def reference_folds(split: PreparedSplit, workspace: Workspace) -> dict[str, list[Probability]]:
    """Return what the class prior and each reference say of every fold, by name.

    Raises:
        UserError: the workers cannot be used.
    """
    data, home = workspace.source(DEVELOPMENT), workspace.target(RESULTS / "train-best")
    folds = range(split.schema.folds)
    jobs = [FoldFit(name, fold, data, home) for name in NAMES for fold in folds]
    with open_executor(len(jobs), [data], home, MODULES["train-best"]) as executor:
        found = run_all(executor, fit_fold, jobs)
    by_name = {name: found[n * len(folds) : (n + 1) * len(folds)] for n, name in enumerate(NAMES)}
    return {"prior": _priors(split), **by_name}


def fit_fold(asked: FoldFit) -> Probability:
    """Return the probabilities of the fold's samples, (samples, 3)."""
    split = read_split(place_of(asked.home).path(asked.data))
    schema = split.schema
    part = nested_kfold(split.samples, schema.folds, schema.embargo)[asked.fold]
    train, validation, evaluated = (
        Decisions.of(split, split.samples.iloc[chosen])
        for chosen in (part.train, part.validation, part.evaluated)
    )
    return fit_reference(asked.name, train, validation, [evaluated]).probabilities[0]


def _priors(split: PreparedSplit) -> list[Probability]:
    labels = split.samples["label"].to_numpy()
    parts = nested_kfold(split.samples, split.schema.folds, split.schema.embargo)
    return [prior(labels[one.train], len(one.evaluated)) for one in parts]
