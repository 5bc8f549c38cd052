"""How a file writes its numbers, told by all cells of its columns of numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from tribar.market.sources.cells import are_empty

_CURRENCY = r"^\s*([-+]?)\s*[$€£¥]\s*"
_FACTORS = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}


@dataclass(frozen=True)
class NumberFormat:
    """Which sign begins the decimals, and which parts the thousands; "" for none."""

    decimal: str = "."
    thousands: str = ","

    def fits(self, texts: "pd.Series[str]") -> NDArray[np.bool_]:
        """Return which texts are numbers, or empty, in this way of writing."""
        mark, point = re.escape(self.thousands), re.escape(self.decimal)
        grouped = rf"|[0-9]{{1,3}}(?:{mark}[0-9]{{2,3}})*{mark}[0-9]{{3}}" if mark else ""
        whole = rf"(?:[0-9]+{grouped})(?:{point}[0-9]*)?"
        number = rf"[-+]?(?:{whole}|{point}[0-9]+)(?:[eE][-+]?[0-9]+)?"
        special = "[-+]?(?:inf|infinity)"
        pattern = rf"(?:{number}|{special})"
        found: NDArray[np.bool_] = texts.str.fullmatch(pattern, case=False).to_numpy(bool)
        return found | are_empty(texts)

    def read(self, texts: "pd.Series[str]") -> NDArray[np.float64]:
        """Return texts as numbers, NaN for what is none."""
        kept = texts.where(self.fits(texts) & ~are_empty(texts))
        if self.thousands:
            kept = kept.str.replace(self.thousands, "", regex=False)
        if self.decimal != ".":
            kept = kept.str.replace(self.decimal, ".", regex=False)
        plain = pa.array(kept.str.removeprefix("+"), pa.string(), from_pandas=True)
        values: NDArray[np.float64] = plain.cast(pa.float64()).to_numpy(zero_copy_only=False)
        return values


PLAIN = NumberFormat()
_SPACES = ("\u00a0", "\u202f", " ")
FORMATS = (
    PLAIN,
    NumberFormat(",", "."),
    *(NumberFormat(decimal, mark) for mark in (*_SPACES, "'", "_") for decimal in ".,"),
)


@dataclass(frozen=True)
class Ambiguity:
    """Two ways of reading the same cells: the first that differs, and what each makes of it."""

    cell: str
    formats: tuple[NumberFormat, NumberFormat]
    values: tuple[float, float]


def find_format(texts: "pd.Series[str]", decimal: str, thousands: str) -> NumberFormat | Ambiguity:
    """Return the format that most texts are written in, or two that differ and fit as many.

    Args:
        texts: distinct cells of all columns of numbers of a file, `bare`.
        decimal: sign or auto.
        thousands: sign, none or auto.
    """
    candidates = [one for one in FORMATS if _allowed(one, decimal, thousands)]
    if not candidates:
        mark = {"none": "", "auto": ""}.get(thousands, thousands)
        return NumberFormat("." if decimal == "auto" else decimal, mark)
    counts = [int(one.fits(texts).sum()) for one in candidates]
    best, *others = (one for one, n in zip(candidates, counts, strict=True) if n == max(counts))
    values = best.read(texts)
    # A lone point begins decimals, as everywhere in code; a lone comma may be either.
    unsure = np.isfinite(values) & texts.str.contains(",", regex=False).to_numpy(bool)
    for other in others:
        read = other.read(texts)
        differing = np.flatnonzero(unsure & np.isfinite(read) & (values != read))
        if len(differing):
            i = int(differing[0])
            return Ambiguity(texts.iloc[i], (best, other), (values[i], read[i]))
    return best


def _allowed(form: NumberFormat, decimal: str, thousands: str) -> bool:
    return decimal in ("auto", form.decimal) and thousands in ("auto", form.thousands)


def bare(texts: "pd.Series[str]") -> "pd.Series[str]":
    """Return numbers' texts without a currency's sign."""
    return texts.str.replace(_CURRENCY, r"\1", regex=True).str.strip()


def factors(texts: "pd.Series[str]") -> tuple["pd.Series[str]", NDArray[np.float64]]:
    """Return texts without an ending such as K or M, and what that ending multiplies by.

    >>> [part.tolist() for part in factors(pd.Series(["1.2M", "3"]))]
    [['1.2', '3'], [1000000.0, 1.0]]
    """
    ending = texts.str.extract(r"\d\s*([kmbt])$", flags=re.IGNORECASE)[0].str.lower()
    times = np.asarray(ending.map(_FACTORS).fillna(1.0), np.float64)
    return texts.str.replace(r"(\d)\s*[kmbt]$", r"\1", regex=True, case=False), times


def show(form: NumberFormat) -> str:
    """Return a format as parameters."""
    return f"decimal: {form.decimal!r}, thousands: {form.thousands or 'none'!r}"


def merge(columns: Sequence["pd.Series[str]"]) -> "pd.Series[str]":
    """Return the distinct texts of several columns."""
    return pd.Series(pd.unique(pd.concat(list(columns), ignore_index=True)), dtype="str")
