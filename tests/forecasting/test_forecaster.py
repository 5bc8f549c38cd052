"""A forecast is what evaluate said of the same decision, to the bit, from the fewest bars."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tribar
from tribar.dataset.prepared import last_rows
from tribar.errors import UserError
from tribar.forecasting.forecast import COLUMNS
from tribar.forecasting.forecaster import Forecaster
from tribar.forecasting.options import ForecastOptions
from tribar.market.bars import Bars
from tribar.market.labels import triple_barrier
from tribar.market.sources.bars import read_bars
from tribar.metrics.predictions import CLASS_NAMES

NAMES = list(CLASS_NAMES)
AFTER = pd.Timestamp("2019-06-01", tz="UTC")
ALL = ForecastOptions(every=True, now=AFTER)


@pytest.fixture(scope="module")
def forecaster(evaluated: Path) -> Forecaster:
    return tribar.load(evaluated / "models/best")


@pytest.fixture(scope="module")
def bars(repository: Path) -> Bars:
    return read_bars(repository / "data/raw/us_indices.csv.gz", 30)


@pytest.fixture(scope="module")
def frame(repository: Path) -> pd.DataFrame:
    return pd.read_csv(repository / "data/raw/us_indices.csv.gz", parse_dates=["timestamp"])


@pytest.fixture(scope="module")
def judged(evaluated: Path) -> pd.DataFrame:
    """Return what evaluate says of the test split, by symbol and decision."""
    table = pd.read_parquet(evaluated / "results/evaluate/predictions.parquet")
    return table.set_index(["symbol", "decision"])[[f"best_{name}" for name in NAMES]]


def until(bars: Bars, time: pd.Timestamp, symbol: str, count: int) -> Bars:
    """Return the `count` bars of a symbol up to a time."""
    code = bars.index.symbols.index(symbol)
    chosen = (bars.index.codes == code) & (bars.index.time <= time.tz_convert(None).to_datetime64())
    one = bars.select(chosen & (np.cumsum(chosen) > chosen.sum() - count))
    starts = np.array([0, chosen.sum() if chosen.sum() < count else count])
    return replace(one, index=replace(one.index, symbols=(symbol,), starts=starts))


def test_all_bars_at_once_give_what_evaluate_says(
    forecaster: Forecaster, bars: Bars, judged: pd.DataFrame
) -> None:
    found = forecaster.forecast(bars, ALL).table.set_index(["symbol", "decision"])[NAMES]
    assert np.array_equal(found.loc[judged.index].to_numpy(), judged.to_numpy())


@pytest.mark.parametrize("count", ["needed", 560])
def test_one_decision_from_few_bars_is_what_evaluate_says(
    forecaster: Forecaster, bars: Bars, judged: pd.DataFrame, count: int | str
) -> None:
    few = forecaster.model.schema.needed_bars if count == "needed" else int(count)
    options = replace(ALL, every=False)
    for symbol, time in judged.index[:: len(judged) // 40]:
        table = forecaster.forecast(until(bars, time, symbol, few), options).table
        assert np.array_equal(table[NAMES].to_numpy(), judged.loc[[(symbol, time)]].to_numpy())


def test_a_bar_less_is_too_few(forecaster: Forecaster, bars: Bars, judged: pd.DataFrame) -> None:
    symbol, time = judged.index[0]
    needed = forecaster.model.schema.needed_bars
    with pytest.raises(UserError, match=rf"needs {needed} bars of a symbol.*\({needed - 1}\)"):
        forecaster.forecast(until(bars, time, symbol, needed - 1), ALL)


@pytest.mark.parametrize("count", [1, 2, 3, 7, 8, 9, 255, 256, 257])
def test_a_forecast_does_not_depend_on_its_company(
    forecaster: Forecaster, evaluated: Path, count: int, judged: pd.DataFrame
) -> None:
    rows = np.load(evaluated / "data/prepared/test/rows.npy", allow_pickle=False)
    samples = pd.read_parquet(evaluated / "data/prepared/test/samples.parquet")
    last = last_rows(samples)[100 : 100 + count]
    found = forecaster.model.predict(rows, last)
    assert np.array_equal(found, judged.to_numpy()[100 : 100 + count])


def test_a_frame_is_read_as_a_file(forecaster: Forecaster, bars: Bars, frame: pd.DataFrame) -> None:
    theirs = forecaster.forecast(bars, ForecastOptions(now=AFTER)).table
    pd.testing.assert_frame_equal(forecaster.predict(frame).table, theirs)
    indexed = frame.set_index("timestamp")
    pd.testing.assert_frame_equal(forecaster.predict(indexed).table, theirs)
    text = frame.to_csv(index=False).encode()
    pd.testing.assert_frame_equal(forecaster.predict(text).table, theirs)


def test_cells_of_several_kinds_are_refused_where_they_stand(
    forecaster: Forecaster, frame: pd.DataFrame
) -> None:
    mixed = frame.astype({"close": object})
    mixed.loc[5, "close"] = "abc"
    assert "close is no number: row 6 ('abc')" in refused(forecaster, mixed)


def test_columns_are_named_where_no_parameter_can(
    forecaster: Forecaster, frame: pd.DataFrame
) -> None:
    said = refused(forecaster, frame.rename(columns={"close": "fin"}))
    assert "no column is close; there are" in said
    assert "give the columns these names" in said
    assert "params.yaml" not in said


def test_barriers_are_those_of_the_labels(forecaster: Forecaster, bars: Bars) -> None:
    """What the next bars touch first, of the prices that a forecast names, is the label."""
    found = forecaster.forecast(bars, ALL).table
    labels = triple_barrier(bars.columns, bars.index, forecaster.definition.labels)
    close, horizon = bars.table["close"].to_numpy(), forecaster.definition.labels.horizon
    time = pd.DatetimeIndex(bars.index.time, tz="UTC")
    for n in range(0, len(found), 97):
        line = found.iloc[n]
        code = bars.index.symbols.index(line["symbol"])
        row = int(np.flatnonzero((time == line["decision"]) & (bars.index.codes == code))[0])
        if not labels.valid[row]:
            continue
        ahead = close[row + 1 : row + 1 + horizon]
        touched = [
            1 if one >= line["upper"] else -1
            for one in ahead
            if one >= line["upper"] or one <= line["lower"]
        ]
        assert (touched or [0])[0] == labels.label[row]


def test_a_table_has_its_columns(forecaster: Forecaster, frame: pd.DataFrame) -> None:
    forecast = forecaster.predict(frame)
    assert tuple(forecast.table) == COLUMNS
    assert set(forecast.table["symbol"]) == {"NASDAQ", "SP500"}
    assert (forecast.table[NAMES].sum(axis=1) - 1).abs().max() < 1e-12
    assert set(forecast.table["model"]) == {forecaster.version}


def test_cost_makes_it_abstain(forecaster: Forecaster, frame: pd.DataFrame) -> None:
    free, dear = (forecaster.predict(frame, ForecastOptions(cost=c)).table for c in (0.0, 500.0))
    assert set(free["action"]) <= {"long", "short"}
    assert set(dear["action"]) == {"abstain"}
    assert (free["expected_return"] - dear["expected_return"] - 0.05).abs().max() < 1e-12


def refused(forecaster: Forecaster, frame: pd.DataFrame, **options: object) -> str:
    with pytest.raises(UserError) as error:
        forecaster.predict(frame, ForecastOptions(**options))  # type: ignore[arg-type]
    return str(error.value)


def test_what_cannot_be_forecast_is_refused(forecaster: Forecaster, frame: pd.DataFrame) -> None:
    def day(text: str) -> pd.Timestamp:
        return pd.Timestamp(text, tz="UTC")

    assert "no column volume" in refused(forecaster, frame.drop(columns="volume"))
    weekly = frame.iloc[::5]
    assert "a bar every 1 day" in refused(forecaster, weekly)
    assert "--as-of 2018-12-31" in refused(forecaster, frame, now=day("2018-12-31T20:00"))
    assert "not finished" in refused(forecaster, frame, now=day("2018-12-01"))
    assert "32.0 days old" in refused(forecaster, frame, now=day("2019-02-01"), max_age_days=30)
    assert "the model's data is" in refused(forecaster, frame, max_model_age_days=30)
    assert "nothing ends until" in refused(forecaster, frame, as_of=pd.Timestamp("1990-01-01"))
    twice = pd.concat([frame, frame.tail(1).assign(close=1.0)])
    assert "differ" in refused(forecaster, twice)
    assert "too few bars" in refused(forecaster, frame.groupby("symbol").tail(100))


def test_a_closed_market_is_said_with_as_of(forecaster: Forecaster, frame: pd.DataFrame) -> None:
    evening = pd.Timestamp("2018-12-31T22:00", tz="UTC")
    options = ForecastOptions(now=evening, as_of=pd.Timestamp("2018-12-31"))
    assert (forecaster.predict(frame, options).table["decision"] == "2018-12-31").all()


def test_as_of_sees_nothing_later(forecaster: Forecaster, frame: pd.DataFrame) -> None:
    then = pd.Timestamp("2017-05-05")
    shorter = forecaster.predict(frame[frame["timestamp"] <= then])
    found = forecaster.predict(frame, ForecastOptions(as_of=then))
    pd.testing.assert_frame_equal(found.table, shorter.table)


def scaled(frame: pd.DataFrame, rows: pd.Series, factor: float) -> pd.DataFrame:
    """Return the bars with some prices scaled."""
    prices = ["open", "high", "low", "close", "adj_close"]
    other = frame.copy()
    other.loc[rows, prices] *= factor
    return other


def test_one_factor_is_said_and_leaves_the_forecast(
    forecaster: Forecaster, frame: pd.DataFrame
) -> None:
    """A factor of two is exact in binary: every ratio of prices keeps its bits."""
    halved = forecaster.predict(scaled(frame, frame["symbol"] == "SP500", 0.5))
    assert any("SP500: closes are 0.5 times" in note for note in halved.notes)
    plain = forecaster.predict(frame)
    assert np.array_equal(halved.table[NAMES].to_numpy(), plain.table[NAMES].to_numpy())


def test_a_factor_that_changes_within_the_overlap_is_refused(
    forecaster: Forecaster, frame: pd.DataFrame
) -> None:
    assert forecaster.bars is not None
    times = np.sort(forecaster.bars.index.time)
    middle = times[len(times) // 2]
    rows = (frame["symbol"] == "NASDAQ") & (frame["timestamp"] < middle)
    assert "adjusted in another way" in refused(forecaster, scaled(frame, rows, 0.97))


def test_equal_rows_are_left_out_and_counted(forecaster: Forecaster, frame: pd.DataFrame) -> None:
    twice = forecaster.predict(pd.concat([frame, frame.tail(3)]))
    assert "3 rows said the same as another, and were left out" in twice.notes
    pd.testing.assert_frame_equal(twice.table, forecaster.predict(frame).table)


def test_an_unknown_symbol_is_said(forecaster: Forecaster, frame: pd.DataFrame) -> None:
    forecast = forecaster.predict(frame.replace({"symbol": {"SP500": "OTHER"}}))
    assert "the model was not trained on OTHER, but on NASDAQ, SP500" in forecast.notes
    assert "OTHER" in set(forecast.table["symbol"])


def test_decisions_that_were_learnt_from_are_counted(
    forecaster: Forecaster, frame: pd.DataFrame
) -> None:
    forecast = forecaster.predict(frame, ALL)
    inside = int((forecast.table["model_age_days"] <= 0).sum())
    assert any(note.startswith(f"{inside} of {len(forecast.table)}") for note in forecast.notes)
