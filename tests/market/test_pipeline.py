from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.market.factories import SMALL, as_bars, make_bars
from tests.market.sources.factories import as_frame
from tribar.config.schema import Params
from tribar.dataset.prepared import SAMPLE_COLUMNS, PreparedSplit
from tribar.errors import UserError
from tribar.market.bars import Bars
from tribar.market.pipeline import Prepared, prepare_source
from tribar.market.row_index import RowIndex
from tribar.market.sources.bars import read_bars
from tribar.market.sources.labelled import LabelledReport, LabelledTable

Shrunk = Callable[..., Params]


@pytest.fixture(scope="module")
def prepared(shrunk: Shrunk) -> Prepared:
    return prepare_source(make_bars([300, 220, 260]), shrunk(*SMALL).prepare)


def both(prepared: Prepared) -> tuple[PreparedSplit, PreparedSplit]:
    return prepared.development, prepared.test


def test_every_window_is_whole_finite_and_of_one_symbol(prepared: Prepared) -> None:
    for split in both(prepared):
        assert tuple(split.samples.columns) == SAMPLE_COLUMNS
        assert split.rows.dtype == np.float32
        assert np.isfinite(split.rows).all()
        lasts = split.samples.groupby("symbol")["last"].agg(["min", "max"]).sort_values("min")
        assert (lasts["min"] >= split.schema.window - 1).all()
        firsts = lasts["min"].to_numpy()[1:] - split.schema.window + 1
        assert (firsts > lasts["max"].to_numpy()[:-1]).all()


def test_a_sample_starts_when_its_window_opens(prepared: Prepared) -> None:
    for split in both(prepared):
        days = (split.samples["decision"] - split.samples["start"]).dt.days
        assert (days == split.schema.window).all()
        assert (split.samples["label_end"] > split.samples["decision"]).all()


def test_every_row_is_a_sample_or_counted(prepared: Prepared) -> None:
    samples = sum(one.samples for one in prepared.report.splits.values())
    assert samples == len(prepared.development.samples) + len(prepared.test.samples)
    assert samples + sum(prepared.report.dropped.values()) == 300 + 220 + 260
    assert sum(prepared.report.barriers.values()) == pytest.approx(1)


def test_the_test_split_lies_apart_and_later(prepared: Prepared) -> None:
    development, test = both(prepared)
    assert development.samples["label_end"].max() < test.samples["decision"].min()
    assert set(development.samples["split"]) == {"train", "validation"}
    assert set(test.samples["split"]) == {"test"}


def test_the_order_of_symbols_changes_nothing_but_their_order(shrunk: Shrunk) -> None:
    bars = make_bars([300, 220, 260])
    frame = as_frame(bars)
    renamed = frame.assign(symbol=frame["symbol"].map({"S0": "C", "S1": "A", "S2": "B"}))
    turned = as_bars(renamed.sort_values(["symbol", "timestamp"], ignore_index=True))
    params = shrunk(*SMALL).prepare
    for one, other in zip(
        both(prepare_source(bars, params)), both(prepare_source(turned, params)), strict=True
    ):
        for old, new in (("S0", "C"), ("S1", "A"), ("S2", "B")):
            mine, theirs = (
                s.samples[s.samples["symbol"] == n] for s, n in ((one, old), (other, new))
            )
            hidden = ["symbol", "last"]
            pd.testing.assert_frame_equal(
                mine.drop(columns=hidden).reset_index(drop=True),
                theirs.drop(columns=hidden).reset_index(drop=True),
            )
            np.testing.assert_array_equal(one.rows[mine["last"]], other.rows[theirs["last"]])


def test_a_short_symbol_is_dropped_and_named(shrunk: Shrunk) -> None:
    prepared = prepare_source(make_bars([300, 15, 260]), shrunk(*SMALL).prepare)
    assert prepared.report.symbols_dropped == ("S1",)
    assert prepared.report.dropped["short_symbol"] == 15
    assert "symbols dropped, too short: S1" in prepared.report.lines()


def test_too_few_rows_is_an_error_with_the_numbers(shrunk: Shrunk) -> None:
    with pytest.raises(UserError, match=r"window \+ horizon needs 12 rows of a symbol"):
        prepare_source(make_bars([15, 12]), shrunk(*SMALL).prepare)


def test_features_without_their_columns_are_left_out_and_listed(shrunk: Shrunk) -> None:
    closes = as_bars(as_frame(make_bars([300]))[["symbol", "timestamp", "close"]])
    report = prepare_source(closes, shrunk(*SMALL).prepare).report
    assert set(report.features_left_out) == {
        "parkinson_5", "garman_klass_5", "close_location", "gap", "volume_zscore_5", "atr_4",
    }  # fmt: skip
    with pytest.raises(UserError, match="needs a column that the source lacks"):
        prepare_source(closes, shrunk(*SMALL, "prepare.features=[gap, atr_4]").prepare)
    with pytest.raises(UserError, match="high_low needs the columns high and low"):
        prepare_source(closes, shrunk(*SMALL, "prepare.labels.touch=high_low").prepare)


def with_silent(symbols: list[str], folder: Path) -> Bars:
    """Return bars read from a file in which some symbols report no volume."""
    frame = as_frame(make_bars([300, 220, 260]))
    frame.loc[frame["symbol"].isin(symbols), "volume"] = 0.0
    frame.to_parquet(folder / "bars.parquet")
    return read_bars(folder / "bars.parquet", 30)


def test_a_symbol_without_volume_keeps_its_bars(shrunk: Shrunk, tmp_path: Path) -> None:
    params = shrunk(*SMALL).prepare
    whole, found = (prepare_source(with_silent(one, tmp_path), params) for one in ([], ["S1"]))
    samples = found.development.samples
    pd.testing.assert_frame_equal(samples, whole.development.samples)
    column = found.development.schema.features.index("volume_zscore_5")
    for symbol in ("S0", "S1"):
        of = samples.loc[samples["symbol"] == symbol, "last"]
        assert (found.development.rows[of, column] == 0).all() == (symbol == "S1")
    assert any("warning: TD004 no volume reported: S1;" in one for one in found.report.lines())


def test_volume_that_no_symbol_reports_is_left_out_by_name(shrunk: Shrunk, tmp_path: Path) -> None:
    found = prepare_source(with_silent(["S0", "S1", "S2"], tmp_path), shrunk(*SMALL).prepare)
    assert found.report.features_left_out == ("volume_zscore_5",)
    assert any("TD004 no volume reported: S0, S1, S2;" in one for one in found.report.lines())


def test_a_symbol_in_one_split_alone_is_told(shrunk: Shrunk) -> None:
    report = prepare_source(make_bars([300, 40, 260]), shrunk(*SMALL).prepare).report
    assert report.one_split_alone == {"train": ("S1",)}
    assert "warning: in the train split alone: S1" in report.lines()


def labelled(rows: int = 200) -> LabelledTable:
    rng = np.random.default_rng(0)
    time = pd.date_range("2020-01-01", periods=rows, freq="h").as_unit("ns")
    label = pd.array(rng.permutation(np.resize([-1, 0, 1], rows)), dtype="Int8")
    end = pd.Series(time).shift(-4)
    table = pd.DataFrame(
        {
            "label": label,
            "label_end": end,
            "a": rng.normal(size=rows),
        }
    )
    table.loc[50, "label"] = pd.NA
    index = RowIndex(("X",), np.array([0, rows]), time.to_numpy())
    report = LabelledReport(rows, 1, 0, 0, 1, 0)
    return LabelledTable(index, table, ("a",), ("note",), "0" * 64, report)


def test_a_labelled_table_keeps_its_labels(shrunk: Shrunk) -> None:
    source = labelled()
    prepared = prepare_source(source, shrunk(*SMALL).prepare)
    by_time = as_frame(source).set_index("timestamp")
    for split in both(prepared):
        expected = by_time.loc[split.samples["decision"]]
        assert split.samples["label"].tolist() == expected["label"].tolist()
        assert split.samples["label_end"].tolist() == expected["label_end"].tolist()
        np.testing.assert_array_equal(
            split.rows[split.samples["last"], 0], expected["a"].to_numpy(np.float32)
        )
        assert set(split.samples["barrier"]) == {"given"}
        assert split.samples["volatility"].isna().all()
    assert prepared.report.dropped["no_label"] == 1
    assert prepared.report.dropped["no_horizon"] == 4
    assert prepared.report.features_left_out == ("note",)


def test_the_sample_has_the_sizes_that_are_known_of_it(repository: Path, shrunk: Shrunk) -> None:
    params = shrunk().prepare
    bars = read_bars(repository / params.source, params.max_gap_days)
    report = prepare_source(bars, params).report
    sizes = [report.splits[name].samples for name in ("train", "validation", "test")]
    assert sizes == [6784, 1440, 1458]
    assert report.source["zero_volume"] == 2
    assert [round(share, 2) for share in report.splits["train"].class_shares.values()] == [
        0.35, 0.29, 0.36,
    ]  # fmt: skip


def test_feature_groups_keep_what_there_is_and_refuse_what_is_no_feature(
    shrunk: Callable[..., Params],
) -> None:
    groups = "prepare.feature_groups={near: [return_1, return_9], far: [return_90]}"
    schema = prepare_source(make_bars([300]), shrunk(*SMALL, groups).prepare).development.schema
    assert schema.groups == {"near": ("return_1",)}
    assert schema.columns("near") == (schema.features.index("return_1"),)
    with pytest.raises(UserError, match="the prepared split has no group 'far'; it has all, near"):
        schema.columns("near+far")
    wrong = shrunk(*SMALL, "prepare.feature_groups={near: [retrun_1]}").prepare
    with pytest.raises(UserError, match=r"prepare.feature_groups.near: 1 name\(s\) to mend"):
        prepare_source(make_bars([300]), wrong)
