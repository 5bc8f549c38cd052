"""Verdict: what a difference of losses allows to say, in words."""

from dataclasses import asdict, dataclass
from typing import Literal

from tribar.evaluation.uncertainty import Difference

Word = Literal["better", "worse", "no evidence of a difference"]


@dataclass(frozen=True)
class Verdict:
    """A difference of log-losses, ours minus theirs: its interval and what follows from it."""

    difference: float
    low: float
    high: float
    verdict: Word

    def record(self) -> dict[str, float | str]:
        """Return the verdict by key, for JSON."""
        return asdict(self)

    def sentence(self, ours: str, theirs: str, confidence: float) -> str:
        """Return the verdict for a reader.

        >>> verdict = judge(Difference(mean=-0.0123, low=-0.02, high=-0.0041))
        >>> verdict.sentence("best", "baseline", confidence=0.95)
        'best vs baseline: log-loss -0.0123 [-0.0200, -0.0041] (95 %): better'
        """
        return (
            f"{ours} vs {theirs}: log-loss {self.difference:+z.4f} "
            f"[{self.low:+z.4f}, {self.high:+z.4f}] ({100 * confidence:g} %): {self.verdict}"
        )


def judge(difference: Difference) -> Verdict:
    """Return "better" or "worse" where the whole interval is below or above 0, else neither.

    >>> judge(Difference(mean=-0.01, low=-0.03, high=0.01)).verdict
    'no evidence of a difference'
    """
    return Verdict(difference.mean, difference.low, difference.high, _word(difference))


def _word(difference: Difference) -> Word:
    if difference.high < 0:
        return "better"
    return "worse" if difference.low > 0 else "no evidence of a difference"
