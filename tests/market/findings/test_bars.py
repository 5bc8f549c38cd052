"""Planted faults are found, and clean bars have none."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tribar.errors import UserError
from tribar.market.bars import Bars
from tribar.market.findings.finding import settle
from tribar.market.findings.rules import RULES
from tribar.market.sources.bars import read_bars

RUNS, MOST = 200, 0.01
PRICES = ["open", "high", "low", "close"]
HOURS = pd.date_range("2024-01-01", periods=2200, freq="h")
CALENDARS = {
    "days": pd.bdate_range("2015-01-01", periods=1500),
    "hours": HOURS[:1500],
    "weekdays": HOURS[HOURS.day_of_week < 5][:1500],
    "sessions": pd.DatetimeIndex(
        [
            day + pd.Timedelta(minutes=570 + 30 * bar)
            for day in pd.bdate_range("2024-01-01", periods=115)
            for bar in range(13)
        ]
    ),
}


def clean(seed: int, calendar: str = "days", symbol: str = "A") -> pd.DataFrame:
    """Return bars of a market without a fault: clustered variance, fat tails, prices in cents."""
    rng = np.random.default_rng(seed)
    time = CALENDARS[calendar]
    variance, returns = 1e-4, np.empty(len(time))
    for i, noise in enumerate(rng.standard_t(5, len(time)) * np.sqrt(3 / 5)):
        returns[i] = np.sqrt(variance) * noise
        variance = 4e-6 + 0.08 * returns[i] ** 2 + 0.88 * variance
    close = 100 * np.exp(np.cumsum(returns))
    opened = close * np.exp(rng.normal(0, 0.004, len(time)))
    width = np.exp(np.abs(rng.normal(0, 0.006, len(time))))
    return pd.DataFrame(
        {
            "symbol": symbol,
            "timestamp": time,
            "open": opened,
            "high": np.maximum(opened, close) * width,
            "low": np.minimum(opened, close) / width,
            "close": close,
            "volume": rng.integers(100, 10_000, len(time)),
        }
    ).round(dict.fromkeys(PRICES, 4))


def read(frame: pd.DataFrame, path: Path) -> Bars:
    frame.to_parquet(path, index=False)
    return read_bars(path, max_gap_days=1000)


def found(bars: Bars) -> dict[str, list[str]]:
    return {one.code: list(map(str, one.cases)) for one in bars.evidence if one.cases}


@pytest.mark.parametrize("calendar", CALENDARS)
def test_clean_bars_have_no_finding(calendar: str, tmp_path: Path) -> None:
    faulty = [
        seed for seed in range(RUNS) if found(read(clean(seed, calendar), tmp_path / "x.parquet"))
    ]
    assert len(faulty) <= MOST * RUNS


def split(frame: pd.DataFrame) -> pd.DataFrame:
    frame.loc[:699, PRICES] *= 4
    return frame


def adjusted_close(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(close=frame["close"] * np.linspace(0.8, 1, len(frame)))


def stale(frame: pd.DataFrame) -> pd.DataFrame:
    still = frame.index.isin(range(500, 531))
    prices = np.where(still[:, None], frame["close"].iloc[500], frame[PRICES])
    return frame.assign(**dict(zip(PRICES, prices.T, strict=True)))


def silent(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(volume=-1)


def hole(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.drop(index=range(700, 760))


def unfinished(frame: pd.DataFrame) -> pd.DataFrame:
    earlier = np.where(np.arange(len(frame)) == len(frame) - 1, 23, 0)
    return frame.assign(timestamp=frame["timestamp"] - pd.to_timedelta(earlier, unit="min"))


def twins(frame: pd.DataFrame) -> pd.DataFrame:
    return pd.concat([frame, frame.assign(symbol="B")])


PLANTED: dict[str, tuple[str, Callable[[pd.DataFrame], pd.DataFrame], str]] = {
    "TD001": ("days", adjusted_close, "lie outside, the first A 2015-01-01 (row 1: "),
    "TD002": ("days", split, "A 2017-09-07 (row 701: the close falls by a factor of 4)"),
    "TD003": ("days", stale, "A 2016-12-01 (row 501: 31 bars at "),
    "TD004": ("days", silent, "A"),
    "TD007": ("hours", hole, "A 2024-01-30T03:00:00 to 2024-02-01T16:00:00 (2.54 days)"),
    "TD008": ("hours", unfinished, "(row 1500, the last: is it finished?)"),
    "TD009": ("days", twins, "A and B (1500 common times)"),
}


@pytest.mark.parametrize("code", PLANTED)
def test_a_planted_fault_is_found_and_nothing_else(code: str, tmp_path: Path) -> None:
    calendar, plant, part = PLANTED[code]
    cases = found(read(plant(clean(1, calendar)), tmp_path / "x.parquet"))
    assert list(cases) == [code]
    assert len(cases[code]) == 1
    assert part in cases[code][0]


def test_a_hole_within_a_week_is_no_weekend(tmp_path: Path) -> None:
    frame = clean(1, "weekdays").drop(index=range(740, 770))
    cases = found(read(frame, tmp_path / "x.parquet"))
    assert cases == {"TD007": ["A 2024-02-12T19:00:00 to 2024-02-14T02:00:00 (1.29 days)"]}


@pytest.mark.parametrize("factor", [2, 3, 1.5, 10, 1 / 10])
@pytest.mark.parametrize("seed", range(5))
def test_a_split_is_found_by_its_factor(factor: float, seed: int, tmp_path: Path) -> None:
    frame = clean(seed)
    frame.loc[:699, PRICES] *= factor
    way = "falls" if factor > 1 else "rises"
    [case] = found(read(frame, tmp_path / "x.parquet"))["TD002"]
    assert f"(row 701: the close {way} by a factor of {max(factor, 1 / factor):g})" in case


def test_an_adjusted_close_explains_a_split(tmp_path: Path) -> None:
    frame = clean(1)
    assert not found(read(split(frame.assign(adj_close=frame["close"])), tmp_path / "x.parquet"))


def test_a_jump_between_files_is_found(tmp_path: Path) -> None:
    frame = clean(2).drop(columns="symbol")
    frame.iloc[:700].to_csv(tmp_path / "A-2015.csv", index=False)
    later = frame.iloc[700:].copy()
    later[PRICES] *= 1.17
    later.to_csv(tmp_path / "A-2017.csv", index=False)
    [case] = found(read_bars(tmp_path, 1000))["TD010"]
    assert case.startswith("A 2017-09-07 (A-2017.csv line 2: from ")


def test_a_change_of_the_unit_is_found(tmp_path: Path) -> None:
    frame = clean(3, "hours")
    count = frame["timestamp"].dt.as_unit("ms").astype("int64")
    frame["timestamp"] = np.where(count.index < 900, count // 10**3, count)
    frame.to_csv(tmp_path / "x.csv", index=False)
    bars = read_bars(tmp_path / "x.csv", 1000)
    assert found(bars) == {"TD013": ["x.csv line 902: from s to ms"]}
    assert bars.index.time[-1] == CALENDARS["hours"][-1].to_datetime64()


def test_what_is_done_is_the_users_choice(tmp_path: Path) -> None:
    evidence = read(adjusted_close(clean(1)), tmp_path / "x.parquet").evidence
    with pytest.raises(UserError, match=r"TD001 two price scales.*\n.*findings: \{TD001: warn\}"):
        settle(evidence, {})
    [warned] = settle(evidence, {"TD001": "warn"})
    assert set(warned.record()) == {"code", "rule", "action", "evidence", "consequence", "remedy"}
    assert not settle(evidence, {"TD001": "ignore"})


def test_every_rule_says_what_to_do() -> None:
    for rule in RULES.values():
        assert all([rule.name, rule.consequence, rule.remedy])
