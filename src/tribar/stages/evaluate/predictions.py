"""The probabilities of the test split, by model and by permuted feature, on all cores."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tribar.dataset.prepared import PreparedSplit, read_split
from tribar.ensemble import checkpoint
from tribar.ensemble.ensemble import Ensemble
from tribar.evaluation.permutation import Permutation
from tribar.execution.executors import MODULES, open_executor, run_all
from tribar.metrics.predictions import Probability
from tribar.model.places import place_of
from tribar.outputs.workspace import BASELINE_MODEL, BEST_MODEL, RESULTS, TEST, Workspace
from tribar.runtime import open_device


@dataclass(frozen=True)
class Prediction:
    """What a model says of a split.

    Attributes:
        model: its folder.
        split: folder of the split.
        home: folder of the run that asks, each experiment's own.
        permutation: of the rows; None leaves them as they are.
    """

    model: Path
    split: Path
    home: Path
    permutation: Permutation | None = None


@dataclass(frozen=True)
class Predicted:
    """Probabilities of the test split's samples, (n, 3).

    Attributes:
        best: of the best model.
        baseline: of the baseline.
        permuted: of the best model, one a permutation.
    """

    best: Probability
    baseline: Probability
    permuted: tuple[Probability, ...]


def predict_all(workspace: Workspace, permutations: Sequence[Permutation]) -> Predicted:
    """Return what the two models say, and the best one where a feature is permuted.

    Raises:
        UserError: the workers cannot be used.
    """
    split, home = workspace.source(TEST), workspace.target(RESULTS / "evaluate")
    best, baseline = (workspace.source(path) for path in (BEST_MODEL, BASELINE_MODEL))
    models = [Prediction(model, split, home) for model in (best, baseline)]
    permuted = [Prediction(best, split, home, one) for one in permutations]
    calls = [*models, *permuted]
    _model.cache_clear()  # this process may have judged others before
    _split.cache_clear()
    with open_executor(len(calls), [best, baseline, split], home, MODULES["evaluate"]) as executor:
        found = run_all(executor, predict, calls)
    return Predicted(found[0], found[1], tuple(found[2:]))


def predict(asked: Prediction) -> Probability:
    """Return the probabilities of the samples, (n, 3)."""
    open_device("cpu")
    place = place_of(asked.home)
    model, split = _model(place.path(asked.model)), _split(place.path(asked.split))
    rows = asked.permutation.apply(split) if asked.permutation else split.rows
    return model.predict(rows, split.samples)


@lru_cache(maxsize=1)
def _split(folder: Path) -> PreparedSplit:
    return read_split(folder)


@lru_cache(maxsize=2)
def _model(folder: Path) -> Ensemble:
    return checkpoint.load(folder)
