"""Poison the future of a time: nothing decided by then may notice."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.market.factories import SMALL, as_bars, make_bars
from tests.market.sources.factories import as_frame
from tribar.config.schema import Params
from tribar.dataset.prepared import last_rows
from tribar.dataset.scaling import Scaler
from tribar.ensemble.ensemble import Ensemble, ensemble
from tribar.market.bars import Bars
from tribar.market.pipeline import Prepared, prepare_source
from tribar.model.folds import make_fold
from tribar.model.training.trainer import train

Shrunk = Callable[..., Params]
LENGTHS = [320, 240, 280]


def poisoned(bars: Bars, after: pd.Timestamp, seed: int) -> Bars:
    """Return the bars with every price and volume after a time multiplied by noise."""
    rng = np.random.default_rng(seed)
    table = as_frame(bars)
    late = table["timestamp"] > after
    noise = np.exp(rng.normal(0, 0.5, late.sum()))
    for column in ("open", "high", "low", "close"):
        table.loc[late, column] = table.loc[late, column].to_numpy() * noise
    table.loc[late, "volume"] = rng.lognormal(5, 2, late.sum())
    return as_bars(table)


def known(prepared: Prepared, by: pd.Timestamp) -> dict[tuple[str, pd.Timestamp], bytes]:
    """Return the bytes of every window decided by a time, and of the volatility beside it."""
    found = {}
    for split in (prepared.development, prepared.test):
        window = split.schema.window
        early = split.samples[split.samples["decision"] <= by]
        volatility = early["volatility"].to_numpy()
        for symbol, decision, last, beside in zip(
            early["symbol"], early["decision"], early["last"], volatility, strict=True
        ):
            seen = split.rows[last - window + 1 : last + 1]
            found[(symbol, decision)] = seen.tobytes() + beside.tobytes()
    return found


def labels(prepared: Prepared, by: pd.Timestamp) -> pd.DataFrame:
    """Return what labels ended by a time say."""
    columns = ["symbol", "decision", "label", "label_end", "barrier", "exit_return"]
    both = pd.concat([prepared.development.samples, prepared.test.samples])
    return both.loc[both["label_end"] <= by, columns].sort_values(["symbol", "decision"])


@pytest.mark.parametrize("day", [90, 150, 205, 260])
@pytest.mark.parametrize("touch", ["close", "high_low"])
def test_windows_and_labels_do_not_see_later_bars(day: int, touch: str, shrunk: Shrunk) -> None:
    params = shrunk(*SMALL, f"prepare.labels.touch={touch}").prepare
    bars = make_bars(LENGTHS)
    now = as_frame(bars)["timestamp"].min() + pd.Timedelta(days=day)
    before, after = (prepare_source(b, params) for b in (bars, poisoned(bars, now, day)))
    ours, theirs = known(before, now), known(after, now)
    common = set(ours) & set(theirs)
    assert len(common) > 0.8 * len(ours)
    assert all(ours[key] == theirs[key] for key in common)
    settled, unsettled = (
        labels(one, now).set_index(["symbol", "decision"]) for one in (before, after)
    )
    shared = settled.index.intersection(unsettled.index)
    assert len(shared) > 0.8 * len(settled)
    pd.testing.assert_frame_equal(settled.loc[shared], unsettled.loc[shared])


def test_poison_is_noticed_after_its_time(shrunk: Shrunk) -> None:
    """The control: the same comparison fails where it should."""
    params = shrunk(*SMALL).prepare
    bars = make_bars(LENGTHS)
    now = as_frame(bars)["timestamp"].min() + pd.Timedelta(days=150)
    before, after = (prepare_source(b, params) for b in (bars, poisoned(bars, now, 1)))
    later = now + pd.Timedelta(days=40)
    ours, theirs = known(before, later), known(after, later)
    assert any(ours[key] != theirs[key] for key in set(ours) & set(theirs))


@pytest.fixture(scope="module")
def first_test_decision(shrunk: Shrunk) -> pd.Timestamp:
    prepared = prepare_source(make_bars(LENGTHS), shrunk(*SMALL).prepare)
    return pd.Timestamp(prepared.test.samples["decision"].min())


def trained(bars: Bars, params: Params) -> tuple[Ensemble, Prepared]:
    prepared = prepare_source(bars, params.prepare)
    split = prepared.development
    fold = make_fold(split, split.part("train"), split.part("validation"), "cpu")
    hyper = params.baseline_hyper()
    each = [train(fold, hyper, params.training, seed=1)]
    return ensemble(each, fold, hyper), prepared


def test_no_bar_of_the_test_period_changes_scaler_weights_or_earlier_predictions(
    first_test_decision: pd.Timestamp, shrunk: Shrunk
) -> None:
    params = shrunk(*SMALL, "training.seeds=1", "training.max_epochs=1", "baseline.hidden_dim=4")
    bars = make_bars(LENGTHS)
    mine, prepared = trained(bars, params)
    theirs, other = trained(poisoned(bars, first_test_decision, 5), params)
    np.testing.assert_array_equal(mine.scaler.mean, theirs.scaler.mean)
    np.testing.assert_array_equal(mine.scaler.std, theirs.scaler.std)
    for one, two in zip(
        mine.networks[0].state_dict().values(),
        theirs.networks[0].state_dict().values(),
        strict=True,
    ):
        np.testing.assert_array_equal(one.numpy(), two.numpy())
    pd.testing.assert_frame_equal(prepared.development.samples, other.development.samples)
    first = prepared.test.samples["decision"] == first_test_decision
    samples = prepared.test.samples[first]
    np.testing.assert_array_equal(
        mine.predict(prepared.test.rows, last_rows(samples)),
        theirs.predict(other.test.rows, other.test.last[first.to_numpy()]),
    )


def test_the_scaler_is_fitted_on_training_rows_alone(shrunk: Shrunk) -> None:
    split = prepare_source(make_bars(LENGTHS), shrunk(*SMALL).prepare).development
    train = split.part("train")
    rows = split.rows.copy()
    seen = np.zeros(len(rows), dtype=bool)
    for last in train["last"]:
        seen[last - split.schema.window + 1 : last + 1] = True
    rows[~seen] = np.nan
    window, last = split.schema.window, train["last"].to_numpy()
    clean, dirty = (Scaler.fit(r, last, window) for r in (split.rows, rows))
    np.testing.assert_array_equal(clean.mean, dirty.mean)
    np.testing.assert_array_equal(clean.std, dirty.std)
