import json
import math

import pytest

from tribar.evaluation.uncertainty import Estimate
from tribar.evaluation.verdict import Verdict, judge, overall


def _estimate(mean: float, error: float = 1.0, terms: int = 16) -> Estimate:
    return Estimate(mean, error, terms, times=736)


def _judge(mean: float, models: int = 1) -> Verdict:
    return judge(_estimate(mean), 0.95, models)


@pytest.mark.parametrize(
    ("mean", "word"),
    [
        (-2.13, "better"),
        (2.13, "worse"),
        (-2.11, "no evidence of a difference"),
        (2.11, "no evidence of a difference"),
        (0.0, "no evidence of a difference"),
    ],
)
def test_the_whole_interval_decides(mean: float, word: str) -> None:
    """The 97.5 % point of Student's t with 16 degrees of freedom is 2.120."""
    record = json.loads(json.dumps(_judge(mean).record()))
    assert record["verdict"] == word
    assert (record["low"], record["high"]) == pytest.approx(
        (mean - 2.1199, mean + 2.1199), abs=1e-4
    )


def test_a_verdict_survives_the_models_that_came_before_or_does_not() -> None:
    """At 1 - .05 / 4 the point is 2.813: Bonferroni's for four models."""
    strong, weak = _judge(-2.9, models=4), _judge(-2.5, models=4)
    assert (strong.verdict, strong.survives) == ("better", True)
    assert (weak.verdict, weak.survives) == ("better", False)
    assert weak.adjusted_high == pytest.approx(-2.5 + 2.8131, abs=1e-4)
    assert _judge(-2.5, models=1).survives


def test_too_few_decisions_are_said_and_not_judged() -> None:
    few = judge(_estimate(-9.0, terms=5), 0.95, models=1)
    assert few.verdict == "too few decisions"
    none = judge(Estimate(-9.0, math.nan, 2, 40), 0.95, models=1)
    assert json.loads(json.dumps(none.record())) == {
        "difference": -9.0,
        "verdict": "too few decisions",
    }
    assert none.sentence("best", "prior", 0.95) == (
        "best vs prior: log-loss -9.0000: too few decisions for an interval"
    )


def test_equal_models_are_said_to_be_equal() -> None:
    sentence = judge(_estimate(0.0, error=0.0), 0.95, models=1).sentence("best", "baseline", 0.95)
    assert sentence.endswith("no evidence of a difference; the two are equal")


@pytest.mark.parametrize(
    ("means", "word"),
    [
        ((-3.0, -9.0), "better"),
        ((-3.0, 0.0), "no evidence of a difference"),
        ((-3.0, 0.0, 3.0), "worse"),
    ],
)
def test_better_overall_is_better_than_each(means: tuple[float, ...], word: str) -> None:
    assert overall({str(n): _judge(mean) for n, mean in enumerate(means)}) == word
