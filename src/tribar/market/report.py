"""What prepare did with every row, for results/prepare/metrics.json and the console."""

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from tribar.dataset.prepared import CLASSES
from tribar.dataset.splits import SPLITS
from tribar.market.decisions import Decisions
from tribar.market.sources.bars import BarsReport
from tribar.market.sources.labelled import LabelledReport

_NOTICED = (
    "sorted_rows",
    "open_outside",
    "close_outside",
    "zero_volume",
    "unlabelled",
    "leading_incomplete",
    "ignored_columns",
    "ignored_files",
)
"""What the console says of the source where there is any."""


@dataclass(frozen=True)
class SplitReport:
    """One split.

    Attributes:
        samples: number of samples.
        class_shares: share of each label, by label.
        effective_samples: sum of the average-uniqueness weights.
        first_decision: ISO time.
        last_decision: ISO time.
    """

    samples: int
    class_shares: dict[str, float]
    effective_samples: float
    first_decision: str
    last_decision: str


@dataclass(frozen=True)
class PrepareReport:
    """Counts of what was kept, dropped and noticed.

    Attributes:
        splits: by name.
        dropped: rows without a sample, by reason.
        barriers: share of the samples by the barrier that they touched.
        both_touched: samples whose deciding bar touched both barriers.
        symbols_dropped: symbols with too few rows.
        features_left_out: features whose columns the source lacks, or columns that are no numbers.
        source: what reading the source met.
    """

    splits: dict[str, SplitReport]
    dropped: dict[str, int]
    barriers: dict[str, float]
    both_touched: int
    symbols_dropped: tuple[str, ...]
    features_left_out: tuple[str, ...]
    source: dict[str, Any]

    def metrics(self) -> dict[str, Any]:
        """Return all of it as plain values for JSON."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the lines that the console shows."""
        sizes = ", ".join(f"{one.samples} {name}" for name, one in self.splits.items())
        lost = ", ".join(f"{count} {reason}" for reason, count in self.dropped.items() if count)
        lines = [f"samples: {sizes}", f"rows without a sample: {lost or 'none'}"]
        if self.symbols_dropped:
            lines.append(f"symbols dropped, too short: {', '.join(self.symbols_dropped)}")
        if self.features_left_out:
            names = ", ".join(self.features_left_out)
            lines.append(f"features left out (column missing, or no numbers): {names}")
        noticed = {name: count for name, count in self.source.items() if count and name in _NOTICED}
        if noticed:
            lines.append("noticed: " + ", ".join(f"{k} {_text(v)}" for k, v in noticed.items()))
        return lines


def report(
    samples: pd.DataFrame,
    decisions: Decisions,
    both_touched: int,
    left_out: tuple[str, ...],
    source: BarsReport | LabelledReport,
) -> PrepareReport:
    """Return the report on samples with their split."""
    left_by_split = {name: int((samples["split"] == name).sum()) for name in ("purged", "embargo")}
    return PrepareReport(
        splits={name: _describe(samples[samples["split"] == name]) for name in SPLITS},
        dropped={**decisions.dropped, **left_by_split},
        barriers={
            str(k): float(v) for k, v in samples["barrier"].value_counts(normalize=True).items()
        },
        both_touched=both_touched,
        symbols_dropped=decisions.short_symbols,
        features_left_out=left_out,
        source=asdict(source),
    )


def _text(found: object) -> str:
    return " ".join(map(str, found)) if isinstance(found, tuple) else str(found)


def _describe(samples: pd.DataFrame) -> SplitReport:
    return SplitReport(
        samples=len(samples),
        class_shares={str(label): float((samples["label"] == label).mean()) for label in CLASSES},
        effective_samples=float(samples["weight"].sum()),
        first_decision=samples["decision"].min().isoformat(),
        last_decision=samples["decision"].max().isoformat(),
    )
