"""What walking forward found: all forecasts as one, by period, and the parameters chosen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd

from tribar.block import Choice
from tribar.evaluation.config import EvaluateParams
from tribar.evaluation.forecasts import BEST, Forecasts
from tribar.evaluation.uncertainty import estimate
from tribar.evaluation.verdict import Verdict, comparison_table, overall


@dataclass(frozen=True, eq=False)
class Walked:
    """What lies behind when all origins have been passed.

    Attributes:
        predictions: `Forecasts.table` of every origin, led by a column origin.
        chosen: the best parameters at each origin, by name.
    """

    predictions: pd.DataFrame
    chosen: tuple[Mapping[str, Choice], ...]

    @cached_property
    def forecasts(self) -> Forecasts:
        """Return all forecasts as those of one model."""
        return Forecasts.from_table(self.predictions)

    def verdicts(self, params: EvaluateParams) -> dict[str, Verdict]:
        """Return what can be said of the procedure against each other one."""
        return self.forecasts.verdicts(params.confidence, params.models_seen)


NOTHING = Walked(pd.DataFrame({"origin": pd.Series(dtype="int64")}), ())


def metrics(walked: Walked, params: EvaluateParams) -> dict[str, Any]:
    """Return the losses and differences of the pooled forecasts."""
    if not walked.chosen:
        return {"origins": 0}
    verdicts, losses = walked.verdicts(params), walked.forecasts.losses
    return {
        "origins": len(walked.chosen),
        "log_loss": {who: float(each.mean()) for who, each in losses.items()},
        "comparison": {f"best_minus_{who}": each.record() for who, each in verdicts.items()},
        "verdict": overall(verdicts),
    }


def comparison(walked: Walked, params: EvaluateParams) -> pd.DataFrame:
    """Return a line for each that the procedure is compared with."""
    return comparison_table(walked.verdicts(params) if walked.chosen else {})


def periods(walked: Walked, confidence: float) -> pd.DataFrame:
    """Return a line an origin and other model: its decisions and the difference on them.

    The interval is empty where a period is too short for one.
    """
    lines = []
    for origin, table in walked.predictions.groupby("origin"):
        forecasts = Forecasts.from_table(table.reset_index(drop=True))
        first, last = table["decision"].min(), table["decision"].max()
        for other in forecasts.others():
            values = forecasts.losses[BEST] - forecasts.losses[other]
            difference = estimate(forecasts.by_time(values))
            span = (difference.mean, *difference.interval(confidence))
            lines.append((origin, first, last, len(table), other, *span))
    names = ["origin", "first", "last", "decisions", "other", "difference", "low", "high"]
    return pd.DataFrame(lines, columns=names)


def parameters(walked: Walked) -> pd.DataFrame:
    """Return a line an origin and parameter: what the study there chose."""
    lines = [
        (origin, name, value)
        for origin, chosen in enumerate(walked.chosen, 1)
        for name, value in chosen.items()
    ]
    return pd.DataFrame(lines, columns=["origin", "parameter", "value"])


def lines(walked: Walked, params: EvaluateParams) -> Iterator[str]:
    """Yield what a reader should believe: the verdicts on the pooled forecasts."""
    if walked.chosen:
        table = walked.predictions
        span = f"{table['decision'].min():%Y-%m-%d} to {table['decision'].max():%Y-%m-%d}"
        yield f"walk-forward: {len(walked.chosen)} origins, {len(table)} decisions, {span}"
        for other, verdict in walked.verdicts(params).items():
            yield verdict.sentence("the procedure", other, params.confidence)
