"""Calibration: how often a model is right when it says how sure it is."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tribar.metrics.predictions import CLASS_NAMES, Labels, Probability, check, predicted_index


def reliability(labels: Labels, probability: Probability, bins: int) -> pd.DataFrame:
    """Return the reliability diagram of the predicted class (Guo et al., 2017, section 2).

    Bin i of `bins` holds the samples whose largest probability, their confidence, lies in
    (i / bins, (i + 1) / bins].

    Returns:
        One line a bin that holds a sample, columns bin, confidence (mean), accuracy, count.

    Raises:
        UserError: labels or probabilities are not valid.
    """
    actual = check(labels, probability)
    inner_edges = np.linspace(0, 1, bins + 1)[1:-1]
    confidence = probability.max(axis=1)
    samples = pd.DataFrame(
        {
            "bin": np.searchsorted(inner_edges, confidence, side="left"),
            "confidence": confidence,
            "accuracy": (predicted_index(probability) == actual).astype(np.float64),
        }
    )
    table = samples.groupby("bin").agg("mean")
    return table.assign(count=samples.groupby("bin").size()).reset_index()


def reliability_table(labels: Labels, models: Mapping[str, Probability], bins: int) -> pd.DataFrame:
    """Return the `reliability` of every model, below each other, led by a column model."""
    tables = [reliability(labels, each, bins).assign(model=name) for name, each in models.items()]
    return pd.concat(tables, ignore_index=True)[["model", "bin", "confidence", "accuracy", "count"]]


def expected_calibration_error(labels: Labels, probability: Probability, bins: int) -> float:
    """Return the mean distance of accuracy from confidence over bins, weighted by their samples.

    The top-label error in equal-width bins of Guo, Pleiss, Sun and Weinberger, "On calibration of
    modern neural networks", ICML 2017, equation 3. It is never negative, so a calibrated model
    on few samples has one above 0.

    Raises:
        UserError: labels or probabilities are not valid.
    """
    table = reliability(labels, probability, bins)
    distance = (table["accuracy"] - table["confidence"]).abs()
    return float((distance * table["count"]).sum() / len(labels))


def confusion_pairs(labels: Labels, probability: Probability) -> pd.DataFrame:
    """Return one line a sample, columns actual and predicted, by name, for a confusion plot.

    Raises:
        UserError: labels or probabilities are not valid.
    """
    names = np.array(CLASS_NAMES)
    actual = check(labels, probability)
    predicted = predicted_index(probability)
    return pd.DataFrame({"actual": names[actual], "predicted": names[predicted]})
