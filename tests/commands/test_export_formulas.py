"""The formulas beside an exported model, taken at their word, give the features."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log, sqrt

import numpy as np
import pytest

from tests.market.factories import make_bars
from tribar.commands.export.formulas import FORMULAS
from tribar.market.bar_columns import BarColumns
from tribar.market.feature_names import parse_features
from tribar.market.features import FAMILIES

N, F, S, G = 5, 3, 6, 2
SPANS = {"N": N, "F": F, "S": S, "G": G}
LENGTH = 200
SILENT = [3, *range(50, 61), 100]
"""Bars without volume."""
STILL = slice(120, 160)
"""Bars that do not move."""
Wave = Callable[[float], float]


@dataclass(frozen=True)
class At:
    """Bars counted back from one of them, as the formulas count."""

    bars: BarColumns
    place: int

    def __getattr__(self, name: str) -> Callable[[int], float]:
        column = getattr(self.bars, name)
        return lambda k: float(column[self.place - k])

    @property
    def when(self) -> datetime:
        stamp: datetime = self.bars.time[self.place].astype("datetime64[us]").item()
        return stamp


def mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def deviation(values: Sequence[float]) -> float:
    center = mean(values)
    return sqrt(mean([(value - center) ** 2 for value in values]))


def garman_klass(at: At) -> float:
    squares = [
        log(at.high(k) / at.low(k)) ** 2 / 2 - (2 * log(2) - 1) * log(at.close(k) / at.open(k)) ** 2
        for k in range(N)
    ]
    return sqrt(max(0, mean(squares)))


def volume_zscore(at: At) -> float:
    newest = [
        next((at.volume(j) for j in range(k, k + N + 1) if at.volume(j) > 0), None)
        for k in range(N)
    ]
    v = [log(one) for one in newest if one is not None]
    return 0 if len(v) < N or deviation(v) < 1e-9 else (v[0] - mean(v)) / deviation(v)


def rsi(at: At) -> float:
    m = [at.close(k) - at.close(k + 1) for k in range(6 * N)]
    g = sum((1 - 1 / N) ** k * max(one, 0) for k, one in enumerate(m))
    down = sum((1 - 1 / N) ** k * max(-one, 0) for k, one in enumerate(m))
    return g / (g + down) if g + down else 0.5


def macd(at: At) -> float:
    oldest = 3 * (max(F, S) + G) - 1
    f = s = at.close(oldest)
    g = 0.0
    for k in range(oldest, -1, -1):
        f += 2 / (F + 1) * (at.close(k) - f)
        s += 2 / (S + 1) * (at.close(k) - s)
        g += 2 / (G + 1) * (f - s - g)
    return (f - s - g) / at.close(0)


def bollinger(at: At) -> float:
    closes = [at.close(k) for k in range(N)]
    m, d = mean(closes), deviation(closes)
    return 0 if d < 1e-9 * m else (at.close(0) - m) / (2 * d)


def atr(at: At) -> float:
    ranges = [
        max(at.high(k), at.close(k + 1)) - min(at.low(k), at.close(k + 1)) for k in range(6 * N)
    ]
    weights = [(1 - 1 / N) ** k for k in range(6 * N)]
    weighted = sum(one * weight for one, weight in zip(ranges, weights, strict=True))
    return weighted / sum(weights) / at.close(0)


def close_location(at: At) -> float:
    width = at.high(0) - at.low(0)
    return (at.close(0) - at.low(0)) / width if width else 0.5


def around(
    wave: Callable[[float], float], share: Callable[[datetime], float]
) -> Callable[[At], float]:
    return lambda at: wave(2 * math.pi * share(at.when))


def of_day(time: datetime) -> float:
    return (time.hour * 60 + time.minute) / (24 * 60)


BY_HAND: dict[str, Callable[[At], float]] = {
    "return": lambda at: log(at.close(0) / at.close(N)),
    "volatility": lambda at: deviation([log(at.close(k) / at.close(k + 1)) for k in range(N)]),
    "parkinson": lambda at: sqrt(
        mean([log(at.high(k) / at.low(k)) ** 2 for k in range(N)]) / (4 * log(2))
    ),
    "garman_klass": garman_klass,
    "close_location": close_location,
    "gap": lambda at: log(at.open(0) / at.close(1)),
    "volume_zscore": volume_zscore,
    "rsi": rsi,
    "macd": macd,
    "bollinger": bollinger,
    "atr": atr,
    "day_of_week_sin": around(math.sin, lambda time: time.weekday() / 7),
    "day_of_week_cos": around(math.cos, lambda time: time.weekday() / 7),
    "month_sin": around(math.sin, lambda time: (time.month - 1) / 12),
    "month_cos": around(math.cos, lambda time: (time.month - 1) / 12),
    "time_of_day_sin": around(math.sin, of_day),
    "time_of_day_cos": around(math.cos, of_day),
}


def bars() -> BarColumns:
    """Return bars some of which have no volume or do not move, at all times of the day."""
    columns = {
        str(name): column.to_numpy(copy=True) for name, column in make_bars([LENGTH]).table.items()
    }
    columns["volume"][SILENT] = 0
    for name in ("open", "high", "low", "close"):
        columns[name][STILL] = 100.0
    time = np.datetime64("2015-01-26") + np.arange(LENGTH) * np.timedelta64(29 * 60 + 7, "m")
    return BarColumns(time, **columns)


def test_every_family_has_a_formula() -> None:
    assert FORMULAS.keys() == FAMILIES.keys() == BY_HAND.keys()


@pytest.mark.parametrize("family", FORMULAS)
def test_a_formula_gives_the_feature(family: str) -> None:
    spans = [str(SPANS[span]) for span in FAMILIES[family].spans]
    (feature,) = parse_features(["_".join([family, *spans])])
    seen = bars()
    given = feature(seen)
    for place in range(feature.bars - 1, LENGTH):
        assert BY_HAND[family](At(seen, place)) == pytest.approx(given[place], abs=1e-12)
