"""The repository's own bars: what became of each decision, and what a model says of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pandas as pd

from tribar.commands.predict.source import forecast_source
from tribar.config.schema import Params
from tribar.evaluation.forecasts import BEST
from tribar.forecasting.forecaster import Forecaster
from tribar.forecasting.options import ForecastOptions
from tribar.market.config import PrepareParams
from tribar.market.pipeline import prepare_whole, read_source
from tribar.metrics.predictions import CLASS_NAMES

KEY = ["symbol", "decision"]


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model says of a history.

    Attributes:
        model: that says it.
        table: columns as evaluate's predictions have them: symbol, decision, label, label_end,
            best_down, best_flat and best_up; a line for each decision that the model forecasts.
    """

    model: Forecaster
    table: pd.DataFrame

    @property
    def until(self) -> pd.Timestamp:
        """Return when the last label ended that the model knows."""
        return pd.Timestamp(self.model.model.schema.until)


@dataclass(frozen=True, eq=False)
class History:
    """Every decision of the source whose label is known.

    Attributes:
        path: of the source.
        params: how it is read and labelled.
        outcomes: columns symbol, decision, label and label_end.
    """

    path: Path
    params: PrepareParams
    outcomes: pd.DataFrame

    @classmethod
    def read(cls, root: Path, params: Params) -> Self:
        """Return the history of `prepare.source`.

        Raises:
            UserError: it cannot be read, or has too few rows.
        """
        path = root / params.prepare.source
        whole = prepare_whole(read_source(path, params.prepare), params.prepare)
        return cls(path, params.prepare, whole.samples[[*KEY, "label", "label_end"]])

    def ask(self, forecaster: Forecaster) -> Answers:
        """Return what a model says of the history.

        Raises:
            UserError: the model cannot forecast these bars.
        """
        options = ForecastOptions(
            as_of=self.outcomes["label_end"].max(), every=True, findings=self.params.findings
        )
        said = forecast_source(forecaster, self.path, self.params, options).table
        names = {name: f"{BEST}_{name}" for name in CLASS_NAMES}
        found = said[[*KEY, *CLASS_NAMES]].rename(columns=names)
        return Answers(forecaster, self.outcomes.merge(found, on=KEY))
