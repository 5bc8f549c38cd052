"""What is said of a test split that allows to say little: in words, and never as NaN."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.model.synthetic import synthetic_split
from tests.running import ROOT
from tribar.config.reading import read_params
from tribar.dataset.prepared import PreparedSplit
from tribar.errors import UserError
from tribar.evaluation.forecasts import Forecasts
from tribar.evaluation.horizon import horizon
from tribar.evaluation.permutation import permutations
from tribar.evaluation.references import NAMES, Reference, Settings
from tribar.metrics.predictions import Probability, prior
from tribar.stages.evaluate.forecasts import Everyone
from tribar.stages.evaluate.judge import Evaluation, judge

PARAMS = read_params(ROOT / "params.yaml", ["evaluate.bootstrap_samples=100"]).evaluate
DEVELOPMENT = synthetic_split(rows=400)
WHO = ("best", "baseline", "prior", "uniform", *NAMES, "pool")


def _split(rows: int = 900, symbols: int = 2) -> PreparedSplit:
    split = synthetic_split(symbols=symbols, rows=rows, seed=1)
    return replace(split, samples=split.samples.assign(split="test"))


def _said(split: PreparedSplit, seed: int = 0) -> dict[str, Probability]:
    """Everyone draws at random; the prior says what it does."""
    rng, samples = np.random.default_rng(seed), split.samples
    found = {who: rng.dirichlet([5, 5, 5], len(samples)) for who in WHO}
    shares = prior(DEVELOPMENT.part("train")["label"].to_numpy(), len(samples))
    return {**found, "prior": shares, "uniform": np.full_like(shares, 1 / 3)}


def _judge(split: PreparedSplit, said: Mapping[str, Probability]) -> Evaluation:
    orders = permutations(split, 2 * horizon(split.samples), 1, seed=0)
    references = tuple(Reference(name, Settings(1, inverse_penalty=1.0), 1.0, ()) for name in NAMES)
    everyone = Everyone(
        Forecasts(DEVELOPMENT.part("validation"), _said(DEVELOPMENT)),
        Forecasts(split.samples, said),
        references,
        tuple(said["best"][::-1] for _ in orders),
    )
    validation = DEVELOPMENT.part("validation").reset_index(drop=True)
    part = replace(DEVELOPMENT, samples=validation)
    everyone = replace(everyone, validation=Forecasts(validation, _said(part)))
    return judge(everyone, DEVELOPMENT, split, PARAMS, seed=0)


def _is_plain(found: Evaluation) -> None:
    """Everything can be written and read, and no number is NaN where one is promised."""
    json.dumps(found.metrics, allow_nan=False)
    text = "\n".join(found.lines)
    assert "nan" not in text
    assert "None" not in text
    for name, table in found.tables.items():
        assert len(table) or name in ("signal", "returns"), name
        known = table.drop(columns=[c for c in table if c not in ("difference", "mean", "value")])
        assert known.notna().all(axis=None), name


def test_a_verdict_names_everyone() -> None:
    found = _judge(_split(), _said(_split()))
    _is_plain(found)
    assert found.lines[0].startswith("verdict: worse; best is worse than prior, uniform")
    assert found.metrics["verdict"] == "worse"
    assert set(found.tables["comparison"]["other"]) == set(WHO) - {"best"}
    assert (found.tables["scores"]["symbol"].value_counts() == len(WHO)).all()
    assert set(found.tables["scores"]["symbol"]) == {"all", "S0", "S1"}


def _without_class(split: PreparedSplit) -> PreparedSplit:
    kept = (split.samples["label"] != 1).to_numpy()
    return split.select(kept)


def _untouched(split: PreparedSplit) -> PreparedSplit:
    return split.select((split.samples["label"] == 0).to_numpy())


def _without_returns(split: PreparedSplit) -> PreparedSplit:
    return replace(split, samples=split.samples.assign(exit_return=np.nan, volatility=np.nan))


def _without_moves(split: PreparedSplit) -> PreparedSplit:
    return replace(split, samples=split.samples.assign(exit_return=0.0))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_without_class, "touch a barrier touch the lower one: no side to tell"),
        (_untouched, "no sample touches a barrier"),
        (_without_returns, "no return after cost: the source does not say"),
        (_without_moves, "the same at every decision, so without an interval"),
    ],
)
def test_what_a_test_split_lacks_is_said(
    change: Callable[[PreparedSplit], PreparedSplit], words: str
) -> None:
    split = change(_split())
    found = _judge(split, _said(split))
    _is_plain(found)
    assert words in "\n".join(found.lines)


def test_one_symbol_needs_no_lines_of_its_own() -> None:
    split = _split(symbols=1)
    found = _judge(split, _said(split))
    _is_plain(found)
    assert set(found.tables["scores"]["symbol"]) == {"all"}


@pytest.mark.parametrize("rows", [10, 14, 20, 60])
def test_few_decisions_are_not_judged(rows: int) -> None:
    split = _split(rows=rows)
    found = _judge(split, _said(split))
    json.dumps(found.metrics, allow_nan=False)
    assert found.metrics["verdict"] == "too few decisions"
    assert found.lines[0].startswith("verdict: too few decisions; best is not judged against")
    assert "nan" not in "\n".join(found.lines)


def test_labels_that_reach_beyond_the_test_split_leave_nothing_to_permute() -> None:
    split = _split(rows=60)
    ends = split.samples["decision"] + pd.Timedelta(days=200)
    far = replace(split, samples=split.samples.assign(label_end=ends))
    found = _judge(far, _said(far))
    assert "no permutation importance" in found.lines[-1]
    assert set(found.tables["importance"]["method"]) == {"drop_column"}


def test_equal_predictions_are_said_to_be_equal() -> None:
    split = _split()
    same = dict.fromkeys(WHO, _said(split)["best"])
    found = _judge(split, same)
    _is_plain(found)
    assert found.metrics["verdict"] == "no evidence of a difference"
    assert all("; the two are equal" in line for line in found.lines if " vs " in line)


def test_a_network_that_says_no_number_is_refused() -> None:
    split = _split()
    said = _said(split)
    said["best"][3] = np.nan
    with pytest.raises(UserError, match=r"no distribution for 1 of .* a network that diverged"):
        _judge(split, said)


def test_the_order_of_samples_changes_no_metric() -> None:
    split = _split()
    said = _said(split)
    order = np.random.default_rng(0).permutation(len(split.samples))
    samples = split.samples.iloc[order].reset_index(drop=True)
    shuffled = _judge(
        replace(split, samples=samples), {who: one[order] for who, one in said.items()}
    )
    expected = _judge(split, said)
    pd.testing.assert_series_equal(
        pd.Series(shuffled.metrics["best"]), pd.Series(expected.metrics["best"])
    )
    assert shuffled.tables["losses"].equals(expected.tables["losses"])
