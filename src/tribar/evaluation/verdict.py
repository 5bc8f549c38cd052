"""Verdict: what a difference of losses allows to say, in words."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal

import pandas as pd

from tribar.evaluation.uncertainty import POWER, Estimate

Word = Literal["better", "worse", "no evidence of a difference", "too few decisions"]

POOL = "pool"
"""The name of the average of best and the strongest references."""


@dataclass(frozen=True)
class Verdict:
    """A difference of mean log-losses, ours minus theirs, and what follows from it.

    Attributes:
        difference: in nats; below 0 where ours is less.
        low: end of the interval at the stated confidence; None with too few decisions for one.
        high: see low.
        verdict: "better" or "worse" where the whole interval lies below or above 0.
        detectable: least true difference that such a test split shows with `POWER`.
        decisions_needed: times as many decisions that would show the one found so; None where it
            is 0.
        adjusted_low: end of the interval that allows for all the models that this test split has
            judged: one at 1 - (1 - confidence) / models (Bonferroni).
        adjusted_high: see adjusted_low.
        survives: whether the verdict would be the same by that interval.
    """

    difference: float
    low: float | None
    high: float | None
    verdict: Word
    detectable: float | None
    decisions_needed: float | None
    adjusted_low: float | None
    adjusted_high: float | None
    survives: bool

    def record(self) -> dict[str, float | str]:
        """Return the verdict with its interval by key, for JSON; without ends that there are not.

        >>> judge(Estimate(-0.5, math.nan, terms=2, times=40), 0.95, models=1).record()
        {'difference': -0.5, 'verdict': 'too few decisions'}
        """
        known = {"difference": self.difference, "low": self.low, "high": self.high}
        found = {key: each for key, each in known.items() if each is not None}
        return {**found, "verdict": self.verdict}

    def sentence(self, ours: str, theirs: str, confidence: float) -> str:
        """Return the verdict for a reader.

        >>> estimate = Estimate(mean=-0.0123, standard_error=0.004, terms=16, times=736)
        >>> print(judge(estimate, 0.95, models=1).sentence("best", "baseline", 0.95))
        best vs baseline: log-loss -0.0123 [-0.0208, -0.0038] (95 %): better; \
80 % power needs 0.0119, or 0.9 times the decisions
        """
        found = f"{ours} vs {theirs}: log-loss {self.difference:+z.4f}"
        if self.low is None or self.high is None:
            return f"{found}: {self.verdict} for an interval"
        interval = f"[{self.low:+z.4f}, {self.high:+z.4f}] ({100 * confidence:g} %)"
        return f"{found} {interval}: {self.verdict}{self.power()}"

    def power(self) -> str:
        """Return what such a test split could show, and what it takes to show what was found."""
        if self.detectable is None:
            return ""
        if self.decisions_needed is None:
            return "; the two are equal" if self.detectable == 0 else ""
        times = f"{self.decisions_needed:.{0 if self.decisions_needed >= 10 else 1}f}"
        return (
            f"; {100 * POWER:g} % power needs {self.detectable:.4f}, or {times} times the decisions"
        )


def judge(estimate: Estimate, confidence: float, models: int) -> Verdict:
    """Return what the estimate of a difference allows to say.

    Args:
        estimate: of ours minus theirs.
        confidence: of the interval.
        models: that the test split has judged, this one among them.
    """
    (low, high), (adjusted_low, adjusted_high) = (
        estimate.interval(level) for level in (confidence, 1 - (1 - confidence) / models)
    )
    word = _word(low, high) if estimate.is_judged else "too few decisions"
    return Verdict(
        estimate.mean,
        _number(low),
        _number(high),
        word,
        _number(estimate.detectable(confidence)),
        _number(estimate.decisions_needed(confidence)),
        _number(adjusted_low),
        _number(adjusted_high),
        word == _word(adjusted_low, adjusted_high),
    )


def overall(verdicts: Mapping[str, Verdict]) -> Word:
    """Return "better" where best is better than each other one, "worse" where one beats it.

    The pool, which contains best, is no condition.
    """
    words = [each.verdict for other, each in verdicts.items() if other != POOL]
    for word in ("too few decisions", "worse", "no evidence of a difference"):
        if word in words:
            return word
    return "better"


def comparison_table(verdicts: Mapping[str, Verdict]) -> pd.DataFrame:
    """Return a line for each other one: its name, then all of the verdict."""
    names = ["other", *(field.name for field in fields(Verdict))]
    lines = [{"other": other, **asdict(one)} for other, one in verdicts.items()]
    return pd.DataFrame(lines, columns=names)


def _word(low: float, high: float) -> Word:
    if high < 0:
        return "better"
    return "worse" if low > 0 else "no evidence of a difference"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
