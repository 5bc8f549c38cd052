"""What a reader looks at of the data: few lines, true to the bars and the labels."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.running import ROOT
from tribar.config.reading import read_params
from tribar.market.bars import Bars
from tribar.market.config import PrepareParams
from tribar.market.pictures import (
    MOST_CLOSES,
    MOST_EVENTS,
    MOST_PERIODS,
    class_shares,
    pictures,
)
from tribar.market.pipeline import Prepared, prepare_source, read_source

PARAMS: PrepareParams = read_params(ROOT / "params.yaml").prepare


@pytest.fixture(scope="module")
def bars() -> Bars:
    source = read_source(Path(ROOT / PARAMS.source), PARAMS)
    assert isinstance(source, Bars)
    return source


@pytest.fixture(scope="module")
def prepared(bars: Bars) -> Prepared:
    return prepare_source(bars, PARAMS)


def test_an_event_touches_the_barrier_of_its_label_when_it_ends(
    bars: Bars, prepared: Prepared
) -> None:
    found = pictures(prepared, bars, PARAMS.labels)
    events, around = found["events"], found["event_bars"]
    assert len(events) == MOST_EVENTS
    assert {"upper", "lower"} <= set(events.columns)
    for event in events.itertuples():
        own = around[around["event"] == event.event].set_index("bars_after")["close"]
        assert own[0] == event.close
        later = own[own.index > 0]
        touched = later[(later >= event.upper) | (later <= event.lower)]
        end = touched.index[0] if len(touched) else PARAMS.labels.horizon
        assert end == event.bars_to_end
        side = np.sign(own[end] - event.close) if len(touched) else 0
        assert side == event.label


def test_events_are_of_the_training_split(bars: Bars, prepared: Prepared) -> None:
    events = pictures(prepared, bars, PARAMS.labels)["events"]
    train = prepared.development.part("train")
    assert events["decision"].max() <= train["decision"].max()


def test_the_closes_are_those_of_the_bars_from_end_to_end(bars: Bars, prepared: Prepared) -> None:
    closes = pictures(prepared, bars, PARAMS.labels)["closes"]
    for number, symbol in enumerate(bars.index.symbols):
        own, rows = closes[closes["symbol"] == symbol], bars.index.rows(number)
        assert len(own) == MOST_CLOSES
        whole = bars.table["close"].to_numpy()[rows]
        assert (own["close"].iloc[0], own["close"].iloc[-1]) == (whole[0], whole[-1])


@pytest.mark.parametrize("span", ["5min", "3h", "2D", "20D"])
def test_there_are_few_periods_however_far_the_decisions_reach(span: str) -> None:
    decision = pd.date_range("2001-01-01", periods=500, freq=span, tz="UTC")
    samples = pd.DataFrame({"decision": decision, "label": np.resize([-1, 0, 1, 1], 500)})
    shares = class_shares(samples)
    assert 2 <= len(shares) <= MOST_PERIODS
    assert shares["decisions"].sum() == 500
    assert np.allclose(shares[["down", "flat", "up"]].sum(axis=1), 1, atol=1e-5)
    assert np.average(shares["up"], weights=shares["decisions"]) == pytest.approx(0.5, abs=1e-5)


def test_a_labelled_source_has_shares_alone(prepared: Prepared) -> None:
    found = pictures(prepared, None, PARAMS.labels)
    assert {name: len(table) > 0 for name, table in found.items()} == {
        "shares": True,
        "closes": False,
        "events": False,
        "event_bars": False,
    }
