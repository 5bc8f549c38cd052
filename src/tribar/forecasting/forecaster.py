"""A trained model and all that it takes to forecast new bars by it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.definition import Definition
from tribar.dataset.prepared import read_bars
from tribar.ensemble import checkpoint
from tribar.ensemble.ensemble import Ensemble
from tribar.errors import UserError, listing
from tribar.files import hash_files
from tribar.forecasting.checks import (
    compare_overlap,
    name_unknown,
    refuse_lacking,
    refuse_old,
    refuse_other_interval,
    refuse_unfinished,
)
from tribar.forecasting.forecast import Forecast, forecast_table
from tribar.forecasting.options import ForecastOptions
from tribar.market.bars import Bars
from tribar.market.config import ReadParams
from tribar.market.decisions import ends_of_windows
from tribar.market.feature_names import parse_features
from tribar.market.feature_rows import feature_rows
from tribar.market.findings.finding import settle
from tribar.market.labels import barrier_prices, barrier_width, volatility_of_bars
from tribar.market.sources.bars import bars_of
from tribar.market.sources.roles import BAR_COLUMNS
from tribar.market.sources.tables import read_frame

_VERSION = 12
_PLAIN = ForecastOptions()


@dataclass(frozen=True, eq=False)
class Forecaster:
    """A trained model and all that it takes to forecast new bars by it.

    Attributes:
        model: its networks, and what they were trained on.
        bars: the newest of those, None for a table that came labelled.
        version: names the model: a hash of its files.
    """

    model: Ensemble
    bars: pd.DataFrame | None
    version: str

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model in a folder.

        Raises:
            UserError: it holds no complete model.
        """
        model = checkpoint.load(folder)
        files = [folder / "model.json", *sorted(folder.glob("network_*.safetensors"))]
        return cls(model, read_bars(folder), hash_files(files)[:_VERSION])

    @property
    def definition(self) -> Definition:
        """Return how bars become rows and labels.

        Raises:
            UserError: the model was trained on a table that came labelled.
        """
        found = self.model.schema.definition
        if found is None:
            raise UserError(
                "the model was trained on a table that came labelled, so that nothing tells how "
                "its features are made of bars; predict a table of the same columns with "
                "prepare.kind: labelled"
            )
        return found

    def predict(self, frame: pd.DataFrame, options: ForecastOptions = _PLAIN) -> Forecast:
        """Return the forecast from a data frame of bars.

        Args:
            frame: columns timestamp (or an index of times), symbol (where there are several),
                close, and those of open, high, low and volume that the model's features need.
            options: what is asked for.

        Raises:
            UserError: the bars cannot be read, or the model cannot forecast them.
        """
        known = self.model.schema.symbols
        raw = read_frame(frame, known[0] if len(known) == 1 else "bars", BAR_COLUMNS, ReadParams())
        definition = self.definition
        zone, stamps = definition.timezone, definition.stamps
        return self.forecast(bars_of(raw, definition.max_gap_days, zone, stamps), options)

    def forecast(self, bars: Bars, options: ForecastOptions = _PLAIN) -> Forecast:
        """Return the forecast from bars that were read by the model's time zone and stamps.

        Raises:
            UserError: the model cannot forecast them.
        """
        schema, now = self.model.schema, options.now or pd.Timestamp.now("UTC")
        if options.as_of is not None:
            now = _utc(options.as_of, self.definition.timezone)
            bars = _until(bars, now)
        notes = [
            *self._notes(bars, now, options),
            *(f"warning: {one.line()}" for one in settle(bars.evidence, options.findings)),
        ]
        if not options.every:
            bars = bars.newest(schema.needed_bars)
        table, short = self._table(bars, options)
        newest = table["decision"].max()
        until = pd.Timestamp(schema.until)
        notes.append(refuse_old(until, newest, options.max_model_age_days, "the model's data is"))
        if (learnt := int((table["decision"] <= until).sum())) > 0:
            notes.append(
                f"{learnt} of {len(table)} decisions lie in what the model has learnt from: of "
                "those it says what it knows"
            )
        return Forecast(table, (*notes, *short))

    def _notes(self, bars: Bars, now: pd.Timestamp, options: ForecastOptions) -> list[str]:
        """Return what is to be said of the bars; refuse what the model cannot forecast."""
        definition = self.definition
        refuse_lacking(bars, self.model.schema.features)
        refuse_other_interval(bars, definition)
        if options.as_of is None:
            refuse_unfinished(bars, definition, now)
        newest = pd.Timestamp(bars.index.time.max(), tz="UTC")
        return [
            refuse_old(newest, now, options.max_age_days, "the newest bar is"),
            *compare_overlap(bars, self.bars),
            *name_unknown(bars, self.model.schema.symbols),
        ]

    def _table(self, bars: Bars, options: ForecastOptions) -> tuple[pd.DataFrame, list[str]]:
        """Return the forecasts, and which symbols have too few bars for one."""
        schema, labels, index = self.model.schema, self.definition.labels, bars.index
        values = feature_rows(bars, parse_features(schema.features))
        close = bars.table["close"].to_numpy()
        width = barrier_width(volatility_of_bars(close, index, labels.volatility_span), labels)
        ready = ends_of_windows(index, values, schema.features, schema.window) & (width > 0)
        last = np.flatnonzero(ready if options.every else ready & _is_last(bars))
        short = np.setdiff1d(np.arange(len(index.symbols)), index.codes[last])
        names = [f"{index.symbols[i]} ({np.diff(index.starts)[i]})" for i in short]
        needs = f"a forecast needs {schema.needed_bars} bars of a symbol"
        if not len(last):
            raise UserError(f"too few bars: {needs}, and there are: {listing(names)}; give more")
        lower, upper = barrier_prices(close[last], width[last], labels)
        table = forecast_table(
            np.array(index.symbols)[index.codes[last]],
            index.time[last],
            self.model.predict(values, last),
            schema,
            options.cost,
        )
        table = table.assign(lower=lower, upper=upper, model=self.version)
        return table, [f"{needs}; left out, with fewer: {listing(names)}"] if names else []


def _utc(time: pd.Timestamp, timezone: str) -> pd.Timestamp:
    return time.tz_localize(timezone) if time.tzinfo is None else time


def _until(bars: Bars, time: pd.Timestamp) -> Bars:
    kept = bars.index.time <= time.tz_convert("UTC").tz_convert(None).to_datetime64()
    if not kept.any():
        raise UserError(f"no bar ends until {time.isoformat()}; give earlier bars, or a later time")
    return bars.select(kept)


def _is_last(bars: Bars) -> NDArray[np.bool_]:
    found = np.zeros(len(bars.index), dtype=np.bool_)
    found[bars.index.starts[1:] - 1] = True
    return found
