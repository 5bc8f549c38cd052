import json

import pytest

from tribar.evaluation.uncertainty import Difference
from tribar.evaluation.verdict import judge


@pytest.mark.parametrize(
    ("low", "high", "word"),
    [
        (-0.02, -0.01, "better"),
        (0.01, 0.02, "worse"),
        (-0.01, 0.01, "no evidence of a difference"),
        (-0.01, 0.0, "no evidence of a difference"),
        (0.0, 0.01, "no evidence of a difference"),
        (0.0, 0.0, "no evidence of a difference"),
    ],
)
def test_the_whole_interval_decides(low: float, high: float, word: str) -> None:
    verdict = judge(Difference((low + high) / 2, low, high))
    record = {"difference": (low + high) / 2, "low": low, "high": high, "verdict": word}
    assert json.loads(json.dumps(verdict.record())) == record


def test_the_sentence_has_signs_and_the_confidence() -> None:
    verdict = judge(Difference(0.00123, -0.00001, 0.0025))
    assert verdict.sentence("best", "prior", confidence=0.9) == (
        "best vs prior: log-loss +0.0012 [+0.0000, +0.0025] (90 %): no evidence of a difference"
    )
