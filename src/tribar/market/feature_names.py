"""Features by the names that params.yaml gives them, a family and its spans."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tribar.errors import UserError
from tribar.market.bar_columns import BarColumns
from tribar.market.features import FAMILIES, Family
from tribar.market.indicators import Series


@dataclass(frozen=True)
class Feature:
    """A feature as params.yaml names it."""

    name: str
    family: Family
    spans: tuple[int, ...]

    @property
    def bars(self) -> int:
        """Return how many bars a value is made of, its own the last."""
        return self.family.bars(*self.spans)

    def __call__(self, bars: BarColumns) -> Series:
        """Return its value at every bar of one symbol; NaN at bars with too few before them."""
        values = self.family.compute(bars, *self.spans)
        values[: self.bars - 1] = np.nan
        return values


def parse_features(names: Sequence[str], where: str = "prepare.features") -> tuple[Feature, ...]:
    """Return the features of these names, which stand `where` in params.yaml.

    >>> [(one.spans, one.bars) for one in parse_features(["macd_12_26_9", "gap"])]
    [((12, 26, 9), 105), ((), 2)]

    Raises:
        UserError: names that are unknown, repeated or have other spans than their family.
    """
    faults = [fault for name in names if (fault := _fault(name))]
    faults += [f"{name}: stands twice" for name in sorted({n for n in names if names.count(n) > 1})]
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise UserError(
            f"{where}: {len(faults)} name(s) to mend:\n{lines}\n"
            f"known: {', '.join(_shape(name) for name in FAMILIES)} (N, F, S, G: bars)"
        )
    return tuple(Feature(name, FAMILIES[_family(name)], _spans(name)) for name in names)


def _family(name: str) -> str:
    return re.sub(r"(_\d+)+$", "", name)


def _spans(name: str) -> tuple[int, ...]:
    return tuple(int(span) for span in name.removeprefix(_family(name)).split("_") if span)


def _shape(family: str) -> str:
    return "_".join([family, *FAMILIES[family].spans])


def _fault(name: str) -> str:
    family = _family(name)
    if family not in FAMILIES:
        near = difflib.get_close_matches(family, FAMILIES, n=1)
        return f"{name}: unknown" + (f"; did you mean {_shape(near[0])}?" if near else "")
    spans, least = _spans(name), FAMILIES[family].least
    if len(spans) != len(FAMILIES[family].spans) or min(spans, default=least) < least:
        return f"{name}: write {_shape(family)}, spans of at least {least} bars"
    return ""
