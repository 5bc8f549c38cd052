"""A labelled table that nobody could learn from honestly is told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.running import ROOT
from tribar.market.findings.rules import RULES
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
