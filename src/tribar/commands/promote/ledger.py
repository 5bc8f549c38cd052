"""The ledger: how many models the test split has judged, and what that makes of a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pandas as pd

from tribar.commands.promote.condition import Condition
from tribar.records.openings import openings_of


@dataclass(frozen=True)
class Ledger:
    """How many models a test split has judged, this one among them.

    Attributes:
        stated: `evaluate.models_seen`.
        opened: those of which this clone knows.
    """

    stated: int
    opened: int

    @classmethod
    def read(cls, folder: Path, samples: pd.DataFrame, stated: int) -> Self:
        """Return the ledger of a test split.

        Args:
            folder: of this clone's openings.
            samples: of the test split, columns symbol and decision.
            stated: `evaluate.models_seen`.
        """
        return cls(stated, len(openings_of(folder, samples)))

    def level(self, confidence: float) -> float:
        """Return the confidence that allows for all the models (Bonferroni).

        >>> round(Ledger(stated=5, opened=2).level(0.95), 3)
        0.99
        """
        return 1 - (1 - confidence) / max(self.stated, self.opened)

    def line(
        self, found: Sequence[Condition], strict: Sequence[Condition], confidence: float
    ) -> str:
        """Return which conditions would no longer hold.

        Args:
            found: at the stated confidence.
            strict: the same ones at `level`.
            confidence: before all models are allowed for.
        """
        lost = [a.asks for a, b in zip(found, strict, strict=True) if a.holds and not b.holds]
        left = f"{' and '.join(lost)} would not hold" if lost else "the same would hold"
        return (
            f"ledger: the test split has judged {max(self.stated, self.opened)} models "
            f"(evaluate.models_seen: {self.stated}, known to this clone: {self.opened}); at "
            f"{100 * self.level(confidence):.4g} %, which allows for them, {left}"
        )
