"""The few parameters and figures that matter first; the files that are logged beside have all."""

from collections.abc import Mapping
from typing import Any

from tribar.config.schema import Params

_METRICS = {
    "test.best.log_loss": "test.best.log_loss",
    "test.best.skill": "test.best.skill",
    "test.baseline.log_loss": "test.baseline.log_loss",
    "test.best_minus_baseline": "test.comparison.best_minus_baseline.difference",
    "test.best_minus_baseline.low": "test.comparison.best_minus_baseline.low",
    "test.best_minus_baseline.high": "test.comparison.best_minus_baseline.high",
    "test.selection.gap": "test.selection.gap",
    "train-best.validation.mean": "train-best.validation.mean",
    "train-best.kfold.mean": "train-best.kfold.mean",
    "tune.best_value": "tune.best_value",
    "tune.rescored_mean": "tune.rescored_mean",
    "tune.trials": "tune.trials",
}
"""By the name that a page has room for, where the stages' files have them."""
_PARAMS = (
    "base.seed",
    "prepare.source",
    "prepare.window",
    "prepare.labels.horizon",
    "training.seeds",
    "tune.n_trials",
    "tune.sampler.name",
    "tune.pruner.name",
)


def headline_metrics(found: Mapping[str, Any]) -> dict[str, float]:
    """Return the figures that matter first, of those that there are.

    Args:
        found: the content of the stages' `metrics.json`: `test`, `train-best` and `tune`.
    """
    leaves = flat(found)
    return {
        name: float(leaves[place])
        for name, place in _METRICS.items()
        if _is_number(leaves.get(place))
    }


def headline_params(params: Params, best: Mapping[str, object]) -> dict[str, str]:
    """Return the parameters that tell runs apart, and the searched ones as they were found."""
    leaves = flat(params.model_dump())
    searched = {f"best.{name}": str(best[name]) for name in params.tune.space if name in best}
    return {name: str(leaves[name]) for name in _PARAMS} | searched


def flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the leaves of nested mappings by dotted path.

    >>> flat({"a": {"b": 1}, "c": 2})
    {'a.b': 1, 'c': 2}
    """
    leaves: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            leaves |= flat(value, f"{prefix}{key}.")
        else:
            leaves[f"{prefix}{key}"] = value
    return leaves


def _is_number(value: object) -> bool:
    return isinstance(value, int | float)
