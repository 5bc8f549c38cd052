"""Columns are told by their values, whatever they are called and however they are ordered."""

import itertools

import numpy as np
import pandas as pd
import pytest

from tribar.market.sources.evidence import find_bars

NAMES = ("open", "high", "low", "close")


def columns(seed: int, rows: int = 200) -> dict[str, list[str]]:
    """Return bars that open near the last close, as texts."""
    rng = np.random.default_rng(seed)
    moves = rng.normal(0, 0.01, rows)
    close = 100 * np.exp(np.cumsum(moves))
    opened = close * np.exp(-moves * rng.uniform(0.7, 1.2, rows))
    found = {
        "timestamp": pd.bdate_range("2020-01-01", periods=rows).strftime("%Y-%m-%d").to_list(),
        "open": opened,
        "high": np.maximum(opened, close) * 1.003,
        "low": np.minimum(opened, close) * 0.997,
        "close": close,
        "volume": rng.integers(1000, 9000, rows),
    }
    return {
        name: [one if isinstance(one, str) else f"{one:.4f}" for one in cells]
        for name, cells in found.items()
    }


@pytest.mark.parametrize("order", list(itertools.permutations(NAMES)))
@pytest.mark.parametrize("step", [1, -1])
def test_any_order_of_prices_and_of_time(order: tuple[str, ...], step: int) -> None:
    cells = columns(sum(map(len, order[0])))
    places = ("timestamp", *order, "volume")
    found = find_bars([cells[name][::step] for name in places])
    assert found == {name: places.index(name) for name in cells}


def test_a_mean_price_is_no_volume_and_two_markets_are_no_bar() -> None:
    cells = columns(1)
    mean = [
        f"{(float(a) + float(b)) / 2:.4f}" for a, b in zip(cells["low"], cells["high"], strict=True)
    ]
    assert find_bars([*list(cells.values())[:5], mean, cells["volume"]])["volume"] == 6
    others = [[f"{float(one) * factor:.4f}" for one in cells["close"]] for factor in (1, 3, 0.2, 7)]
    assert find_bars([cells["timestamp"], *others]) == {"timestamp": 0}
