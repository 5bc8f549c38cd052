"""A condition that a model has to meet before it becomes the champion."""

from dataclasses import dataclass
from typing import Literal, Self

from tribar.evaluation.verdict import Verdict, Word

Asks = Literal["better", "not_worse"]
_HOLDS: dict[Asks, tuple[Word, ...]] = {
    "better": ("better",),
    "not_worse": ("better", "no evidence of a difference"),
}
"""The verdicts by which a condition holds."""
_SAYS = {"better": "better than", "not_worse": "not worse than"}


@dataclass(frozen=True)
class Condition:
    """A condition and what was found.

    Attributes:
        asks: what is asked for, in words.
        found: both losses, their difference and its interval, or why there are none.
        holds: whether it is met.
    """

    asks: str
    found: str
    holds: bool

    @classmethod
    def judged(
        cls,
        asks: Asks,
        other: str,
        losses: tuple[float, float],
        verdict: Verdict,
        confidence: float,
    ) -> Self:
        """Return the condition on a difference of log-losses.

        Not worse is one that the decisions do not show to be worse.

        >>> word = "no evidence of a difference"
        >>> same = Verdict(0.01, -0.02, 0.04, word, None, None, None, None, survives=True)
        >>> print(Condition.judged("not_worse", "prior", (1.09, 1.08), same, 0.95).line())
        holds: not worse than prior; log-loss 1.0900 and 1.0800; best vs prior: log-loss +0.0100 \
[-0.0200, +0.0400] (95 %): no evidence of a difference

        Args:
            asks: what is asked for.
            other: whom it is held against.
            losses: mean log-loss of the model and of the other.
            verdict: on the model's minus the other's.
            confidence: of its interval.
        """
        ours, theirs = losses
        found = (
            f"log-loss {ours:.4f} and {theirs:.4f}; {verdict.sentence('best', other, confidence)}"
        )
        return cls(f"{_SAYS[asks]} {other}", found, verdict.verdict in _HOLDS[asks])

    @classmethod
    def failed(cls, asks: Asks, other: str, why: str) -> Self:
        """Return a condition of which nothing can be judged."""
        return cls(f"{_SAYS[asks]} {other}", why, holds=False)

    def line(self) -> str:
        """Return the condition for a reader."""
        return f"{'holds' if self.holds else 'fails'}: {self.asks}; {self.found}"
