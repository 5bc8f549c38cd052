"""A trained model and all that it takes to forecast new bars by it."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar

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
    name_dropped,
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
from tribar.market.feature_names import Feature, parse_features
from tribar.market.feature_rows import feature_rows
from tribar.market.findings.finding import settle
from tribar.market.labels import barrier_prices, barrier_width, volatility_of_bars
from tribar.market.row_index import RowIndex, Times
from tribar.market.sources.bars import bars_of
from tribar.market.sources.in_memory import read_memory
from tribar.market.sources.labelled import LabelledTable
from tribar.market.sources.roles import FRAME_COLUMNS
from tribar.outputs.workspace import OFF

S = TypeVar("S", Bars, LabelledTable)
_VERSION = 12
_PLAIN = ForecastOptions()


def model_files(folder: Path) -> list[Path]:
    """Return the files that decide a model's forecasts."""
    return [folder / "model.json", *sorted(folder.glob("network_*.safetensors"))]


def model_version(folder: Path) -> str:
    """Return what names the model in a folder: a hash of its files."""
    return hash_files(model_files(folder))[:_VERSION]


@dataclass(frozen=True, eq=False)
class Forecaster:
    """A trained model and all that it takes to forecast new bars by it.

    Attributes:
        model: its networks, and what they were trained on.
        bars: the newest of those, None for a table that came labelled.
        version: names the model: a hash of its files.
    """

    model: Ensemble
    bars: Bars | None
    version: str

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model in a folder.

        Raises:
            UserError: it holds no complete model.
        """
        if (folder / OFF).exists():
            raise UserError(
                f"{folder}: there is no model; set refit.enabled: true, and `dvc repro`"
            )
        model = checkpoint.load(folder)
        bars = read_bars(folder)
        known = None if bars is None else Bars.from_frame(bars)
        return cls(model, known, model_version(folder))

    @property
    def until(self) -> str:
        """Return when the last label ended that it learnt from, a date."""
        return self.model.schema.until[:10]

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

    @cached_property
    def features(self) -> tuple[Feature, ...]:
        """Return what a row is made of."""
        return parse_features(self.model.schema.features)

    def predict(self, bars: pd.DataFrame | bytes, options: ForecastOptions = _PLAIN) -> Forecast:
        """Return the forecast from a data frame of bars, or from a text such as CSV.

        Args:
            bars: columns timestamp (or an index of times), symbol (where there are several),
                close, and those of open, high, low and volume that the model's features need.
            options: what is asked for.

        Raises:
            UserError: the bars cannot be read, or the model cannot forecast them.
        """
        known, definition = self.model.schema.symbols, self.definition
        name = known[0] if len(known) == 1 else "bars"
        raw = read_memory(bars, name, FRAME_COLUMNS, ReadParams())
        zone, stamps = definition.timezone, definition.stamps
        return self.forecast(bars_of(raw, definition.max_gap_days, zone, stamps), options)

    def forecast(self, bars: Bars, options: ForecastOptions = _PLAIN) -> Forecast:
        """Return the forecast from bars that were read by the model's time zone and stamps.

        Raises:
            UserError: the model cannot forecast them.
        """
        definition = self.definition
        bars, now = self._as_of(bars, options)
        refuse_lacking(bars, self.features)
        refuse_other_interval(bars, definition)
        if options.as_of is None:
            refuse_unfinished(bars, definition, now)
        notes = [*self._notes(bars, now, options), *compare_overlap(bars, self.bars)]
        bars = bars if options.every else bars.newest(self.model.schema.needed_bars)
        close = bars.table["close"].to_numpy()
        volatility = volatility_of_bars(close, bars.index, definition.labels.volatility_span)
        width = barrier_width(volatility, definition.labels)
        values = feature_rows(bars, self.features)
        last, table, said = self._table(bars.index, values, width > 0, options)
        prices = barrier_prices(close[last], width[last], definition.labels)
        table["lower"], table["upper"] = prices
        return Forecast(table, (*notes, *said))

    def forecast_rows(self, source: LabelledTable, options: ForecastOptions = _PLAIN) -> Forecast:
        """Return the forecast from a labelled table's rows, whose newest have no label yet.

        Raises:
            UserError: the model cannot forecast them.
        """
        features = self.model.schema.features
        if without := [name for name in features if name not in source.features]:
            raise UserError(
                f"the table has no column {listing(without)} of numbers, which the model needs; "
                "give the columns that it was trained on"
            )
        source, now = self._as_of(source, options)
        notes = self._notes(source, now, options)
        values = source.table[list(features)].to_numpy(np.float32)
        anywhere = np.ones(len(values), dtype=np.bool_)
        _, table, said = self._table(source.index, values, anywhere, options)
        return Forecast(table, (*notes, *said))

    def _as_of(self, source: S, options: ForecastOptions) -> tuple[S, pd.Timestamp]:
        """Return what ends until the time that is asked for, and the time that counts as now."""
        if options.as_of is None:
            return source, options.now or pd.Timestamp.now("UTC")
        definition, now = self.model.schema.definition, options.as_of
        if now.tzinfo is None:
            now = now.tz_localize(definition.timezone if definition else "UTC")
        kept = source.index.time <= now.tz_convert("UTC").tz_convert(None).to_datetime64()
        if not kept.any():
            raise UserError(f"nothing ends until {now.isoformat()}; give earlier bars")
        return source.select(kept), now

    def _notes(
        self, source: Bars | LabelledTable, now: pd.Timestamp, options: ForecastOptions
    ) -> list[str]:
        """Return what is to be said of any source; refuse what is too old or doubtful."""
        newest = pd.Timestamp(source.index.time.max(), tz="UTC")
        return [
            refuse_old(newest, now, options.max_age_days, "the newest bar is"),
            *name_unknown(source.index.symbols, self.model.schema.symbols),
            *name_dropped(source.report.repeated_rows),
            *(f"warning: {one.line()}" for one in settle(source.evidence, options.findings)),
        ]

    def _table(
        self,
        index: RowIndex,
        values: NDArray[np.float32],
        possible: NDArray[np.bool_],
        options: ForecastOptions,
    ) -> tuple[NDArray[np.int64], pd.DataFrame, list[str]]:
        """Return the decisions' rows, their forecasts, and what is to be said of them."""
        schema = self.model.schema
        ready = ends_of_windows(index, values, schema.features, schema.window) & possible
        last = np.flatnonzero(ready if options.every else ready & index.is_last)
        short = np.setdiff1d(np.arange(len(index.symbols)), index.codes[last])
        counts = np.diff(index.starts)
        names = listing([f"{index.symbols[i]} ({counts[i]})" for i in short])
        needs = f"a forecast needs {schema.needed_bars} bars of a symbol"
        if not len(last):
            raise UserError(f"too few bars: {needs}, and there are: {names}; give more")
        symbols, probability = np.array(index.symbols), self.model.predict(values, last)
        decided = symbols[index.codes[last]], index.time[last]
        table = forecast_table(*decided, probability, schema, options.cost)
        said = [f"{needs}; left out, with fewer: {names}"] if names else []
        said += self._about_learning(decided[1], options.max_model_age_days)
        table["model"] = self.version
        return last, table, said

    def _about_learning(self, decision: Times, most: float | None) -> list[str]:
        until = pd.Timestamp(self.model.schema.until)
        newest = pd.Timestamp(decision.max(), tz="UTC")
        lines = [refuse_old(until, newest, most, "the model's data is")]
        learnt = int(np.sum(decision <= until.tz_convert(None).to_datetime64()))
        if learnt > 0:
            lines.append(
                f"{learnt} of {len(decision)} decisions lie in what the model has learnt from: of "
                "those it says what it knows"
            )
        return lines
