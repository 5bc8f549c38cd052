import io

import numpy as np
import pandas as pd
import pytest

from tribar.evaluation import loss_table
from tribar.evaluation.paired import Paired, pair_losses, pair_predictions
from tribar.evaluation.uncertainty import estimate
from tribar.metrics.scores import losses

DAYS = 300


def _predictions(seed: int, symbols: str = "AB", days: int = DAYS) -> pd.DataFrame:
    """A table of predictions; labels depend on symbol and day alone."""
    day = pd.date_range("2024-01-01", periods=DAYS + 3, tz="UTC")
    table = pd.concat(
        pd.DataFrame({"symbol": one, "decision": day[:days], "label_end": day[3 : days + 3]})
        for one in symbols
    ).reset_index(drop=True)
    number = table["decision"].dt.day_of_year + table["symbol"].map(ord)
    probability = np.random.default_rng(seed).dirichlet([3, 3, 3], size=len(table))
    columns = {f"best_{name}": probability[:, n] for n, name in enumerate(("down", "flat", "up"))}
    return table.assign(label=number % 3 - 1, **columns)


def _losses(table: pd.DataFrame) -> pd.DataFrame:
    """The table of losses, as whoever clones the repository reads it."""
    probability = table[["best_down", "best_flat", "best_up"]].to_numpy()
    made = loss_table.loss_table(table, {"best": losses(table["label"].to_numpy(), probability)})
    return pd.read_csv(io.StringIO(made.to_csv(index=False)))


def _same(one: Paired | None, other: Paired | None) -> None:
    assert one is not None
    assert other is not None
    assert (one.decisions, one.of_base, one.of_new) == (
        other.decisions,
        other.of_base,
        other.of_new,
    )
    found, expected = (estimate(each.series) for each in (one, other))
    assert found.mean == pytest.approx(expected.mean, abs=1e-8)
    assert found.standard_error == pytest.approx(expected.standard_error, rel=1e-6)
    assert (found.terms, found.times) == (expected.terms, expected.times)


def test_losses_in_git_say_what_the_predictions_say() -> None:
    base, new = _predictions(0), _predictions(1)
    by_losses = pair_losses(_losses(base), _losses(new), reach=3, times=DAYS)
    _same(by_losses, pair_predictions(base, new))
    assert by_losses is not None
    assert by_losses.is_whole
    assert by_losses.new_loss - by_losses.base_loss == pytest.approx(
        estimate(by_losses.series).mean
    )


def test_what_one_revision_alone_has_judged_is_left_out() -> None:
    base, new = _predictions(0, days=250), _predictions(1)
    by_losses = pair_losses(_losses(base), _losses(new), reach=3, times=DAYS)
    _same(by_losses, pair_predictions(base, new))
    assert by_losses is not None
    assert not by_losses.is_whole
    assert (by_losses.decisions, by_losses.of_base, by_losses.of_new) == (500, 500, 600)


def test_another_symbol_makes_lines_differ_and_predictions_pair_nonetheless() -> None:
    base, new = _predictions(0, "AB"), _predictions(1, "BC")
    assert pair_losses(_losses(base), _losses(new), reach=3, times=DAYS) is None
    found = pair_predictions(base, new)
    assert found is not None
    assert (found.decisions, found.of_base, found.of_new) == (DAYS, 2 * DAYS, 2 * DAYS)


def test_other_labels_are_another_question() -> None:
    base, new = _predictions(0), _predictions(1)
    new.loc[:9, "label"] = new["label"] % 3 - 1
    assert len(_losses(base).merge(_losses(new), on="samples")) == DAYS - 10
    found = pair_predictions(base, new)
    assert found is not None
    assert (found.decisions, found.relabelled) == (2 * DAYS - 10, 10)
    assert pair_predictions(base, base.assign(label=base["label"] % 3 - 1)) is None


def test_the_order_of_samples_changes_no_line() -> None:
    table = _predictions(0)
    assert _losses(table.sample(frac=1, random_state=0)).equals(_losses(table))


def test_many_decision_times_are_joined_and_keep_their_sums(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base, new = _predictions(0), _predictions(1)
    whole = pair_predictions(base, new)
    monkeypatch.setattr(loss_table, "MOST_LINES", 60)
    joined = pair_losses(_losses(base), _losses(new), reach=3, times=DAYS)
    assert joined is not None
    assert whole is not None
    assert len(joined.series.sums) == 60
    assert joined.series.horizon == 2
    assert joined.series.sums.sum() == pytest.approx(whole.series.sums.sum(), abs=1e-5)
    assert joined.decisions == 2 * DAYS
