"""A forecast: what the model says of each decision, and what follows for whoever acts on it."""

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.schema import CLASSES, Schema
from tribar.evaluation.signal import BASIS_POINTS, positions
from tribar.market.row_index import Times
from tribar.metrics.predictions import CLASS_NAMES, Probability

COLUMNS = (
    "symbol",
    "decision",
    "bars_valid",
    *CLASS_NAMES,
    "label",
    "lower",
    "upper",
    "expected_return",
    "action",
    "model",
    "model_age_days",
)
"""Columns of a forecast's table."""

ACTIONS = ("short", "abstain", "long")
"""What to do, by the position: -1, 0 and 1."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """What a model says of the bars after each decision.

    Attributes:
        table: a line a decision, columns `COLUMNS`: its symbol and time (UTC); for how many bars
            it is valid; the probabilities that the lower barrier is touched first (down), none
            (flat), or the upper (up); the likeliest class; both barriers' prices, NaN where the
            model was not fitted on bars; the return, after cost, that the better of long and
            short is expected to have, NaN where it is not known; what to do about that; the
            model's version, and how many days before the decision its last label ended.
        notes: what a reader should know of the bars, a line each.
    """

    table: pd.DataFrame
    notes: tuple[str, ...]

    def record(self) -> dict[str, Any]:
        """Return all of it as plain values for JSON: times in ISO 8601, null where not known."""
        text = self.table.to_json(orient="records", date_format="iso", double_precision=15)
        return {"forecasts": json.loads(text), "notes": list(self.notes)}


def forecast_table(
    symbols: NDArray[np.str_], time: Times, probability: Probability, schema: Schema, cost: float
) -> pd.DataFrame:
    """Return the table of a forecast, without barriers and without a version.

    Args:
        symbols: of the decisions, (n,).
        time: of the decisions, (n,).
        probability: (n, 3).
        schema: of the model.
        cost: of a round turn, in basis points.
    """
    decision = pd.DatetimeIndex(time).tz_localize("UTC")
    expected = np.full(len(time), np.nan)
    if schema.class_returns:
        expected = probability @ np.array(schema.class_returns)
    position = np.nan_to_num(positions(expected, cost / BASIS_POINTS)).astype(int)
    age = (decision - pd.Timestamp(schema.until)) / pd.Timedelta(days=1)
    columns = {
        "symbol": symbols,
        "decision": decision,
        "bars_valid": schema.definition.labels.horizon if schema.definition else 0,
        **dict(zip(CLASS_NAMES, probability.T, strict=True)),
        "label": np.array(CLASSES)[probability.argmax(axis=1)],
        "lower": np.nan,
        "upper": np.nan,
        "expected_return": np.abs(expected) - cost / BASIS_POINTS,
        "action": np.array(ACTIONS)[position + 1],
        "model": "",
        "model_age_days": age,
    }
    return pd.DataFrame(columns)
