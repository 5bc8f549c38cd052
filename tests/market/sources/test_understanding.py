"""What inspect writes reads the same bars again."""

from pathlib import Path

import pandas as pd
import pytest

from tests.market.sources.factories import as_frame, put
from tests.market.sources.test_vendors import VENDORS, Vendor
from tribar.market.config import ReadParams
from tribar.market.sources.bars import read_bars


@pytest.mark.parametrize("vendor", VENDORS.values(), ids=VENDORS.keys())
def test_a_reading_that_is_pinned_is_the_same(tmp_path: Path, vendor: Vendor) -> None:
    source = put(tmp_path / vendor.name, vendor.text)
    found = read_bars(source, max_gap_days=1000)
    assert found.understanding is not None
    block = found.understanding.block()
    pinned = ReadParams.model_validate(block["read"])
    again = read_bars(source, max_gap_days=1000, read=pinned)
    pd.testing.assert_frame_equal(as_frame(again), as_frame(found), check_exact=True)


def test_times_that_open_a_bar_are_told(tmp_path: Path) -> None:
    vendor = VENDORS["Binance klines, with names"]
    found = read_bars(put(tmp_path / "X.csv", vendor.text), max_gap_days=1000)
    assert found.understanding is not None
    assert found.understanding.block()["stamps"] == "start"
