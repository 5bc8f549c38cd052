"""What a timestamp means: the zone it is written in, and which end of its bar it marks."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pytest

from tests.market.factories import SMALL, make_bars
from tests.market.sources.factories import as_frame, put
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.market.bars import Bars
from tribar.market.pipeline import Prepared, prepare_source
from tribar.market.sources.bars import read_bars
from tribar.market.sources.labelled import read_labelled

Shrunk = Callable[..., Params]


def bars_at(times: list[str], folder: Path, timezone: str) -> Bars:
    rows = [f"{time},{10 + number % 3}" for number, time in enumerate(times)]
    source = put(folder / "A.csv", "\n".join(["timestamp,close", *rows]))
    return read_bars(source, 30, timezone)


@pytest.mark.parametrize(
    ("times", "zone", "expected"),
    [
        (["2024-01-01", "2024-01-02"], "Asia/Tokyo", "2023-12-31T15:00"),
        (["2024-07-01 09:30", "2024-07-01 09:31"], "America/New_York", "2024-07-01T13:30"),
        (["2024-07-01 09:30+02:00", "2024-07-01 09:31+02:00"], "Asia/Tokyo", "2024-07-01T07:30"),
        (["1704067200", "1704067260"], "Asia/Tokyo", "2024-01-01T00:00"),
    ],
)
def test_a_time_without_offset_is_local(
    times: list[str], zone: str, expected: str, tmp_path: Path
) -> None:
    assert bars_at(times, tmp_path, zone).index.time[0] == np.datetime64(expected)


def test_parquets_times_without_a_zone_are_local_too(tmp_path: Path) -> None:
    day = pd.date_range("2024-01-01", periods=3, freq="D")
    for name, time in {"naive": day, "aware": day.tz_localize("UTC"), "date": day.date}.items():
        file = tmp_path / f"{name}.parquet"
        pd.DataFrame({"timestamp": time, "close": [1.0, 2.0, 1.0]}).to_parquet(file)
        expected = "2024-01-01T00:00" if name == "aware" else "2023-12-31T15:00"
        assert read_bars(file, 30, "Asia/Tokyo").index.time[0] == np.datetime64(expected)


def test_the_end_of_a_label_is_local_too(tmp_path: Path) -> None:
    text = "timestamp,label,label_end,x\n2024-01-01,1,2024-01-02,1\n2024-01-02,-1,2024-01-03,2\n"
    table = read_labelled(put(tmp_path / "A.csv", text), 1, "Asia/Tokyo").table
    assert table["label_end"].iloc[0] == pd.Timestamp("2024-01-01T15:00")


@pytest.mark.parametrize("time", ["2024-11-03 01:30", "2024-03-10 02:30"])
def test_a_time_that_the_clocks_skip_or_repeat_is_refused(time: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no time or two in America/New_York.*line 3 \(2024-"):
        bars_at(["2024-01-01 00:00", time], tmp_path, "America/New_York")


def test_a_place_is_named_as_the_file_has_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="A 2024-01-01 "):
        bars_at(["2024-01-01", "2024-01-01"], tmp_path, "Asia/Tokyo")


def prepared(bars: Bars, features: str, shrunk: Shrunk) -> Prepared:
    return prepare_source(bars, shrunk(*SMALL, f"prepare.features=[{features}]").prepare)


def local_bars(zone: str, freq: str, folder: Path, rows: int = 400) -> Bars:
    """Return one symbol's bars, written in local time without an offset."""
    frame = as_frame(make_bars([rows]))
    utc = pd.date_range("2024-01-01", periods=rows, freq=freq, tz=zone)
    frame["timestamp"] = utc.strftime("%Y-%m-%d %H:%M" if freq == "h" else "%Y-%m-%d")
    keep = ~frame["timestamp"].duplicated(keep=False)
    file = folder / "bars.csv"
    frame[keep].to_csv(file, index=False)
    return read_bars(file, 30, zone)


def test_monday_is_monday_in_tokyo(shrunk: Shrunk, tmp_path: Path) -> None:
    bars = local_bars("Asia/Tokyo", "D", tmp_path)
    split = prepared(bars, "day_of_week_sin, day_of_week_cos", shrunk).development
    days = split.samples["decision"].dt.tz_convert("Asia/Tokyo").dt.day_of_week.to_numpy()
    angle = 2 * np.pi * days / 7
    rows = split.rows[split.samples["last"]]
    np.testing.assert_allclose(rows, np.stack([np.sin(angle), np.cos(angle)], axis=1), atol=1e-6)


def test_nine_oclock_is_nine_oclock_in_summer(shrunk: Shrunk, tmp_path: Path) -> None:
    bars = local_bars("Europe/Berlin", "h", tmp_path, rows=24 * 200)
    split = prepared(bars, "time_of_day_sin", shrunk).development
    local = split.samples["decision"].dt.tz_convert("Europe/Berlin")
    nine = split.rows[split.samples["last"][(local.dt.hour == 9).to_numpy()], 0]
    assert set(local.dt.tz_localize(None) - split.samples["decision"].dt.tz_localize(None)) == {
        pd.Timedelta(hours=1), pd.Timedelta(hours=2),
    }  # fmt: skip
    assert len(np.unique(nine)) == 1


def hours_and_days(folder: Path, stamps: Literal["end", "start"]) -> Bars:
    """Return hourly and daily bars of the same weeks, stamped when they open."""
    hourly, daily = as_frame(make_bars([2400])), as_frame(make_bars([100], seed=1))
    hourly["symbol"], daily["symbol"] = "H", "D"
    hourly["timestamp"] = pd.date_range("2024-01-01", periods=2400, freq="h", tz="UTC")
    daily["timestamp"] = pd.date_range("2024-01-01", periods=100, freq="D", tz="UTC")
    file = folder / "bars.parquet"
    pd.concat([hourly, daily]).to_parquet(file)
    return read_bars(file, 30, stamps=stamps)


def leaks(made: Prepared, lag: dict[str, pd.Timedelta]) -> int:
    """Return how many labels look past the first decision of a later split.

    Args:
        made: the splits.
        lag: how long after a symbol's recorded times a bar really closes.
    """
    samples = pd.concat([made.development.samples, made.test.samples], ignore_index=True)
    split = samples["split"]
    late = samples["symbol"].map(lag)
    end, decision = samples["label_end"] + late, samples["decision"] + late
    pairs = (("train", "validation"), ("validation", "test"))
    return sum(
        int((end[split == earlier] > decision[split == later].min()).sum())
        for earlier, later in pairs
    )


def test_bars_stamped_at_their_start_do_not_leak_over_a_boundary(
    shrunk: Shrunk, tmp_path: Path
) -> None:
    params = shrunk(*SMALL, "prepare.splits.embargo=0").prepare
    none = {"H": pd.Timedelta(0), "D": pd.Timedelta(0)}
    open_for = {"H": pd.Timedelta(hours=1), "D": pd.Timedelta(days=1)}
    as_starts, as_ends = (
        prepare_source(bars, params)
        for bars in (hours_and_days(tmp_path, "start"), hours_and_days(tmp_path, "end"))
    )
    assert leaks(as_starts, none) == 0
    assert leaks(as_ends, open_for) > 0  # the control: read as ends, the same file leaks


def test_a_bar_stamped_at_its_start_decides_at_its_end(tmp_path: Path) -> None:
    index = hours_and_days(tmp_path, "start").index
    assert index.time[:2].tolist() == [pd.Timestamp(f"2024-01-0{n}").value for n in (2, 3)]
    assert index.time[100] == np.datetime64("2024-01-01T01:00")
    np.testing.assert_array_equal(index.opened, hours_and_days(tmp_path, "end").index.time)


def test_a_weekend_is_no_part_of_a_bar(tmp_path: Path) -> None:
    days = pd.bdate_range("2024-01-01", periods=15)
    text = "\n".join(["timestamp,close", *(f"{day:%Y-%m-%d},{1 + day.day % 2}" for day in days)])
    index = read_bars(put(tmp_path / "A.csv", text), 30, stamps="start").index
    assert index.time[4] == np.datetime64("2024-01-06")  # Friday's ends as Saturday begins
    assert index.opened[5] == np.datetime64("2024-01-08")


FAULTS = {
    "prepare.timezone=Mars/Base": "prepare.timezone: 'Mars/Base' is unknown; write UTC or a name",
    "prepare.timezone=../x": "prepare.timezone: '../x' is unknown",
}


@pytest.mark.parametrize("override", FAULTS)
def test_a_zone_that_there_is_none_of_is_one_error(override: str, shrunk: Shrunk) -> None:
    with pytest.raises(UserError) as error:
        shrunk(override)
    assert FAULTS[override] in str(error.value)


def test_a_labelled_table_has_no_bars_to_stamp(shrunk: Shrunk) -> None:
    with pytest.raises(UserError, match=r"prepare.stamps: a labelled table has decisions, no bars"):
        shrunk("prepare.kind=labelled", "prepare.stamps=start")
