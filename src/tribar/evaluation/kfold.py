"""The purged K-fold: a model beside references that are fitted on the same inner training part."""

from collections.abc import Mapping, Sequence

import pandas as pd

from tribar.dataset.prepared import PreparedSplit
from tribar.dataset.splits import nested_kfold
from tribar.evaluation.forecasts import BEST
from tribar.metrics.predictions import Probability
from tribar.metrics.scores import losses


def fold_losses(
    split: PreparedSplit, predictions: Mapping[str, Sequence[Probability]]
) -> pd.DataFrame:
    """Return a line a fold and forecaster: fold, who, decisions, log_loss.

    Args:
        split: development.
        predictions: by forecaster, of each fold's samples, (samples, classes).
    """
    schema, labels = split.schema, split.samples["label"].to_numpy()
    parts = nested_kfold(split.samples, schema.folds, schema.embargo)
    lines = []
    for number, part in enumerate(parts):
        each = {who: folds[number] for who, folds in predictions.items()}
        actual = labels[part.evaluated]
        lines += [
            (number, who, len(actual), float(losses(actual, probability).mean()))
            for who, probability in each.items()
        ]
    return pd.DataFrame(lines, columns=["fold", "who", "decisions", "log_loss"])


def differences(table: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Return mean and standard deviation over folds of the best model's loss minus each other's.

    The folds share training data, so that this describes them and is no test.

    >>> table = pd.DataFrame({"fold": [0, 0, 1, 1], "who": ["best", "prior"] * 2,
    ...                       "log_loss": [1.0, 1.25, 1.0, 1.5]})
    >>> {who: f"{mean} {std:.3f}" for who, (mean, std) in differences(table).items()}
    {'prior': '-0.375 0.177'}
    """
    wide = table.pivot(index="fold", columns="who", values="log_loss")
    others = [who for who in dict.fromkeys(table["who"]) if who != BEST]
    each = {who: wide[BEST] - wide[who] for who in others}
    return {who: (float(one.mean()), float(one.std(ddof=1))) for who, one in each.items()}
