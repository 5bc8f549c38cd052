"""What prepare did with every row, for results/prepare/metrics.json and the console."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.schema import CLASSES
from tribar.dataset.splits import SPLITS
from tribar.errors import listing
from tribar.market.bars import BarsReport
from tribar.market.decisions import Decisions, Panel
from tribar.market.findings.finding import Finding
from tribar.market.row_index import RowIndex
from tribar.market.sources.labelled import LabelledReport

_NOTICED = (
    "sorted_rows",
    "repeated_rows",
    "empty_rows",
    "open_outside",
    "close_outside",
    "zero_volume",
    "unlabelled",
    "leading_incomplete",
    "ignored_columns",
    "ignored_files",
    "ignored_lines",
)
"""What the console says of the source where there is any."""
_UNITS = {
    "day": np.timedelta64(1, "D"),
    "hour": np.timedelta64(1, "h"),
    "minute": np.timedelta64(1, "m"),
    "second": np.timedelta64(1, "s"),
}


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

    def line(self) -> str:
        """Return what the console shows of it."""
        shares = ", ".join(f"{label} {share:.0%}" for label, share in self.class_shares.items())
        return (
            f"{self.samples} samples ({self.effective_samples:.0f} effective), "
            f"{self.first_decision[:10]} to {self.last_decision[:10]}, labels {shares}"
        )


@dataclass(frozen=True)
class PrepareReport:
    """Counts of what was kept, dropped and noticed.

    Attributes:
        splits: by name.
        dropped: rows without a sample, by reason.
        barriers: share of the samples by the barrier that they touched.
        both_touched: samples whose deciding bar touched both barriers, in what order is not known.
        symbols: the first of their names.
        intervals: the symbols' usual times between two bars, shortest first.
        one_split_alone: symbols by the only split that they have samples in.
        symbols_dropped: symbols with too few rows.
        features_left_out: features whose columns the source lacks, or columns that are no numbers.
        source: what reading the source met.
        findings: what is doubtful in it.
    """

    splits: dict[str, SplitReport]
    dropped: dict[str, int]
    barriers: dict[str, float]
    both_touched: int
    symbols: str
    intervals: tuple[str, ...]
    one_split_alone: dict[str, tuple[str, ...]]
    symbols_dropped: tuple[str, ...]
    features_left_out: tuple[str, ...]
    source: dict[str, Any]
    findings: tuple[Finding, ...] = ()

    def metrics(self) -> dict[str, Any]:
        """Return all of it as plain values for JSON."""
        return asdict(self) | {"findings": [one.record() for one in self.findings]}

    def lines(self) -> list[str]:
        """Return the lines that the console shows."""
        lines = [
            f"symbols: {self.symbols}; a bar every {', '.join(self.intervals)}",
            *(f"{name}: {one.line()}" for name, one in self.splits.items()),
            f"rows without a sample: {_counts(self.dropped) or 'none'}",
        ]
        for split, symbols in self.one_split_alone.items():
            lines.append(f"warning: in the {split} split alone: {listing(symbols)}")
        if self.symbols_dropped:
            lines.append(f"symbols dropped, too short: {listing(self.symbols_dropped)}")
        if self.features_left_out:
            names = ", ".join(self.features_left_out)
            lines.append(f"features left out (no column, or no numbers in it): {names}")
        noticed = {name: count for name, count in self.source.items() if count and name in _NOTICED}
        if noticed:
            lines.append("noticed: " + ", ".join(f"{k} {_text(v)}" for k, v in noticed.items()))
        return lines + [f"warning: {one.line()}" for one in self.findings]


def report(
    decisions: Decisions,
    split: NDArray[np.str_],
    panel: Panel,
    source: BarsReport | LabelledReport,
    left_out: tuple[str, ...],
    findings: tuple[Finding, ...],
) -> PrepareReport:
    """Return the report on samples, whose splits are in `split`, (samples,)."""
    samples, index = decisions.samples, panel.index
    counts = {name: int((split == name).sum()) for name in ("purged", "embargo")}
    barriers = samples["barrier"].value_counts(normalize=True)
    return PrepareReport(
        splits={name: _describe(samples, split == name) for name in SPLITS},
        dropped={**decisions.dropped, **counts},
        barriers={str(name): float(share) for name, share in barriers.items()},
        both_touched=int(panel.labels.both_touched[samples["last"]].sum()),
        symbols=listing(index.symbols),
        intervals=tuple(duration(one) for one in np.unique(index.intervals)),
        one_split_alone=_alone(index, index.codes[samples["last"]], split),
        symbols_dropped=decisions.short_symbols,
        features_left_out=left_out,
        source=asdict(source),
        findings=findings,
    )


def _alone(
    index: RowIndex, codes: NDArray[np.int32], split: NDArray[np.str_]
) -> dict[str, tuple[str, ...]]:
    """Return the symbols whose samples all lie in one split, by that split."""
    size = len(index.symbols)
    counts = {name: np.bincount(codes[split == name], minlength=size) for name in SPLITS}
    whole = sum(counts.values())
    found = {name: np.flatnonzero((own > 0) & (own == whole)) for name, own in counts.items()}
    return {name: tuple(index.symbols[i] for i in own) for name, own in found.items() if len(own)}


def duration(time: np.timedelta64) -> str:
    """Return a time in the largest unit of which it is a whole number, else in seconds.

    >>> duration(np.timedelta64(90, "m")), duration(np.timedelta64(1, "D"))
    ('90 minutes', '1 day')
    """
    whole = [unit for unit, length in _UNITS.items() if time >= length and not time % length]
    unit = whole[0] if whole else "second"
    count = time / _UNITS[unit]
    return f"{count:g} {unit}" + ("" if count == 1 else "s")


def _counts(found: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {reason}" for reason, count in found.items() if count)


def _text(found: object) -> str:
    return " ".join(map(str, found)) if isinstance(found, tuple) else str(found)


def _describe(samples: pd.DataFrame, chosen: NDArray[np.bool_]) -> SplitReport:
    label, weight, decision = (samples[name][chosen] for name in ("label", "weight", "decision"))
    return SplitReport(
        samples=len(label),
        class_shares={str(one): float((label == one).mean()) for one in CLASSES},
        effective_samples=float(weight.sum()),
        first_decision=decision.min().isoformat(),
        last_decision=decision.max().isoformat(),
    )
