"""A labelled table that nobody could learn from honestly is told."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.market.factories import SMALL
from tests.running import ROOT
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.market.findings.rules import RULES
from tribar.market.pipeline import prepare_source
from tribar.market.sources.labelled import LabelledTable, read_labelled

ROWS, RUNS = 600, 100


def table(seed: int = 0) -> pd.DataFrame:
    """Return labels that last five rows each, and features that hardly tell them."""
    rng = np.random.default_rng(seed)
    move = rng.normal(size=ROWS + 4)
    ahead = np.convolve(move, np.ones(5), "valid")
    return pd.DataFrame(
        {
            "timestamp": pd.bdate_range("2020-01-01", periods=ROWS),
            "label": np.digitize(ahead, [-1, 1]) - 1,
            "momentum": ahead * 0.2 + rng.normal(size=ROWS),
            "spread": rng.normal(size=ROWS),
        }
    )


def read(frame: pd.DataFrame, folder: Path) -> LabelledTable:
    frame.to_csv(folder / "x.csv", index=False)
    return read_labelled(folder / "x.csv", horizon=5)


def found(frame: pd.DataFrame, folder: Path) -> dict[str, list[str]]:
    evidence = read(frame, folder).evidence
    return {one.code: list(map(str, one.cases)) for one in evidence if one.cases}


def test_an_honest_table_has_no_finding(tmp_path: Path) -> None:
    assert sum(bool(found(table(seed), tmp_path)) for seed in range(RUNS)) <= RUNS // 100


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_a_column_that_tells_the_label_is_named(noise: float, tmp_path: Path) -> None:
    frame = table()
    rng = np.random.default_rng(1)
    told = frame["label"] + rng.normal(0, noise, ROWS) + rng.uniform(-0.3, 0.3, ROWS)
    [case] = found(frame.assign(ret=told), tmp_path)["TD012"]
    assert case.startswith("ret (balanced accuracy 1.000 out of time)")


def test_a_column_that_told_the_label_in_the_past_alone_is_none(tmp_path: Path) -> None:
    frame = table()
    past = np.arange(ROWS) < ROWS // 2
    noise = np.random.default_rng(2).normal(size=ROWS)
    assert not found(frame.assign(old=np.where(past, frame["label"], noise)), tmp_path)


def test_two_classes_are_told(tmp_path: Path) -> None:
    frame = table()
    frame["label"] = (frame["label"] > 0).astype(int)
    assert found(frame, tmp_path)["TD011"] == ["no label is -1"]


def with_ends(early: slice) -> pd.DataFrame:
    """Return a table whose labels end a week later, but some a week before their decision."""
    frame = table()
    week = pd.Series(pd.Timedelta(weeks=1), frame.index)
    week[early] *= -1
    return frame.assign(label_end=frame["timestamp"] + week)


def test_labels_that_end_before_their_decision_are_told(tmp_path: Path) -> None:
    assert "TD014" not in found(with_ends(slice(0)), tmp_path)
    frame = with_ends(slice(100, 107))
    frame["label"] = frame["label"].astype("Int8").mask(frame.index == 100)
    frame["label_end"] = frame["label_end"].mask(frame.index == 106, frame["timestamp"])
    [case] = found(frame, tmp_path)["TD014"]
    assert case.startswith("5 of 599 labels: x 2020-05-21 (line 103: ends 2020-05-14), x 2020")
    [case] = found(with_ends(slice(None)), tmp_path)["TD014"]
    assert case.endswith("(line 6: ends 2019-12-31) and 595 more")


def test_the_end_of_a_label_is_told_in_local_time(tmp_path: Path) -> None:
    with_ends(slice(1, 2)).to_csv(tmp_path / "x.csv", index=False)
    evidence = read_labelled(tmp_path / "x.csv", 5, "Asia/Tokyo").evidence
    [case] = next(one.cases for one in evidence if one.code == "TD014")
    assert str(case) == "1 of 600 labels: x 2020-01-02 (line 3: ends 2019-12-26)"


@pytest.mark.parametrize(("action", "findings"), [("warn", ["TD014"]), ("ignore", [])])
def test_a_label_that_ends_before_its_decision_makes_no_sample(
    action: str, findings: list[str], shrunk: Callable[..., Params], tmp_path: Path
) -> None:
    source = read(with_ends(slice(100, 106)), tmp_path)
    with pytest.raises(UserError, match=r"TD014 labels that end .*\n.*findings: \{TD014: warn\}"):
        prepare_source(source, shrunk(*SMALL).prepare)
    params = shrunk(*SMALL, f"prepare.findings={{TD014: {action}}}").prepare
    prepared = prepare_source(source, params)
    assert [one.code for one in prepared.report.findings] == findings
    assert prepared.report.source["unlabelled"] == prepared.report.dropped["no_label"] == 6
    decisions = prepared.development.samples["decision"].dt.tz_localize(None)
    assert not decisions.isin(source.index.time[100:106]).any()
    assert decisions.isin(source.index.time[[99, 106]]).sum() == 2
    with pytest.raises(UserError, match=r"no row makes a sample \(7 no_window, 593 no_label\)"):
        prepare_source(read(with_ends(slice(None)), tmp_path), params)


def test_late_columns_and_what_each_costs(tmp_path: Path) -> None:
    frame = table()
    frame["late"] = frame["spread"].where(frame.index >= 200)
    frame["later"] = frame["spread"].where(frame.index >= 260)
    assert found(frame, tmp_path)["TD006"] == ["later costs 60 rows"]
    assert len(read(frame, tmp_path).table) == 340


def test_the_rules_are_documented_with_what_is_done() -> None:
    lines = (ROOT / "docs/data.md").read_text(encoding="utf-8").splitlines()
    told = {line[2:7]: line.rsplit("|", 2)[1].strip() for line in lines if line[:4] == "| TD"}
    assert told == {code: rule.action for code, rule in RULES.items()}
