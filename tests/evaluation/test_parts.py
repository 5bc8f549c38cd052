from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from tests.evaluation.factories import daily, drawn
from tribar.evaluation.horizon import horizon
from tribar.evaluation.parts import TERCILES, Parts, skill_parts
from tribar.evaluation.uncertainty import by_time, estimate
from tribar.metrics.scores import losses

N = 1200


def _samples(seed: int = 0, **columns: object) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    known = {"symbol": np.resize(["B", "A", "A"], N), "volatility": rng.random(N)}
    return daily(drawn(N, seed)[0], **{**known, **columns})


def _found(samples: pd.DataFrame, confidence: float = 0.95) -> Parts:
    references = {"prior": drawn(N, 1)[1], "logistic": drawn(N, 2)[1]}
    return skill_parts(samples, drawn(N, 0)[1], references, confidence)


PARTED: dict[str, Callable[[pd.DataFrame], pd.Series]] = {
    "symbol": lambda samples: samples["symbol"],
    "year": lambda samples: samples["decision"].dt.strftime("%Y"),
    "volatility": lambda samples: pd.qcut(samples["volatility"], 3, labels=TERCILES).astype(str),
    "label": lambda samples: samples["label"].map({-1: "down", 0: "flat", 1: "up"}),
}


@pytest.mark.parametrize("part", PARTED)
def test_each_line_is_that_of_its_samples_alone(part: str) -> None:
    samples = _samples()
    table = _found(samples).table
    value = PARTED[part](samples)
    lines = table[table["part"] == part]
    assert set(lines["value"]) == set(value)
    for line in lines.to_dict("records"):
        own = (value == line["value"]).to_numpy()
        labels, theirs = samples["label"].to_numpy(), {"prior": 1, "logistic": 2}
        others = drawn(N, theirs[line["reference"]])[1]
        difference = losses(labels, drawn(N, 0)[1]) - losses(labels, others)
        series = by_time(difference[own], samples["decision"][own], horizon(samples))
        expected = estimate(series)
        assert line["decisions"] == own.sum()
        assert line["difference"] == pytest.approx(difference[own].mean())
        assert (line["low"], line["high"]) == pytest.approx(expected.interval(0.95))


def test_the_parts_weigh_to_the_whole() -> None:
    samples = _samples()
    table = _found(samples).table
    table = table[table["reference"] == "prior"]
    weighed = table["difference"] * table["decisions"]
    labels = samples["label"].to_numpy()
    whole = (losses(labels, drawn(N, 0)[1]) - losses(labels, drawn(N, 1)[1])).sum()
    assert weighed.groupby(table["part"]).sum().to_numpy() == pytest.approx([whole] * 4)


def test_a_part_with_few_decision_times_has_empty_cells() -> None:
    table = _found(_samples(symbol=["A"] * (N - 12) + ["B"] * 12)).table
    few = table[table["value"] == "B"]
    assert few["difference"].notna().all()
    assert few[["low", "high"]].isna().all(axis=None)
    assert few.to_csv(index=False).splitlines()[1].endswith(",,")


def test_of_many_symbols_those_with_the_most_decisions_are_shown() -> None:
    """The sixtieth has one decision more than the others; among equals the name says."""
    names = np.array([f"S{number:02}" for number in range(60)])
    symbol = np.resize(names, N)
    symbol[0] = "S59"
    found = _found(_samples(symbol=symbol))
    shown = found.table.loc[found.table["part"] == "symbol", "value"].unique().tolist()
    assert shown == [*(f"S{number:02}" for number in range(1, 50)), "S59"]
    assert found.notes == ("of 60 symbols the 50 with the most decisions have lines",)


def test_an_unknown_volatility_is_said() -> None:
    nothing = _found(_samples(volatility=np.nan))
    assert "volatility" not in set(nothing.table["part"])
    assert nothing.notes == ("no terciles of volatility: the source does not say it",)
    some = np.arange(N, dtype=float)
    some[5:] = np.nan
    found = _found(_samples(volatility=some))
    lines = found.table[found.table["reference"] == "prior"].query("part == 'volatility'")
    assert lines["decisions"].tolist() == [2, 1, 2]
    assert found.notes == (f"{N - 5} decisions without a volatility are in no tercile",)


def test_a_class_that_no_sample_has_is_no_part() -> None:
    found = _found(_samples(label=np.resize([-1, 1], N))).table
    assert set(found.loc[found["part"] == "label", "value"]) == {"down", "up"}
