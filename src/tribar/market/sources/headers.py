"""The names of a source's columns: which are known, missing, or there twice."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tribar.errors import UserError, listing


@dataclass(frozen=True)
class Columns:
    """The columns that a source may hold.

    Attributes:
        spellings: other spellings of each known name; only letters, without their case, and
            digits tell spellings apart.
        required: the known names that a file must have.
        keep_others: whether columns of unknown names are read, or only listed.
    """

    spellings: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    keep_others: bool

    def known(self, name: str) -> str:
        """Return the name by which a column is known, or nothing.

        >>> Columns({"adj_close": ()}, (), keep_others=False).known("Adj. Close")
        'adj_close'
        """
        plain = _plain(name)
        for known, others in self.spellings.items():
            if plain in map(_plain, (known, *others)):
                return known
        return ""

    def unknown(self, found: Sequence[str]) -> tuple[str, ...]:
        """Return those of the names `found` that are not known."""
        return tuple(name for name in found if not self.known(name))


SYMBOL_AND_TIME = {
    "symbol": ("ticker", "sym", "instrument", "asset"),
    "timestamp": ("date", "datetime", "time", "open_time"),
}
"""Spellings of the columns that every source may have."""


def names_to_read(path: Path, found: Sequence[str], columns: Columns) -> dict[str, str]:
    """Return the names of the columns to read, each with the name it gets.

    Raises:
        UserError: a required column is missing, or one name is there twice.
    """
    _refuse_missing(path, found, columns)
    names = {name: columns.known(name) or name for name in found}
    if not columns.keep_others:
        names = {name: known for name, known in names.items() if known in columns.spellings}
    meant = [names[name] for name in found if name in names]
    for twice in (known for known, count in Counter(meant).items() if count > 1):
        twins = " and ".join(repr(name) for name in found if names.get(name) == twice)
        raise UserError(f"{path}: columns {twins} both mean {twice}; keep one")
    return names


def _refuse_missing(path: Path, found: Sequence[str], columns: Columns) -> None:
    known = {columns.known(name) for name in found}
    for name in columns.required:
        if name not in known:
            spellings = ", ".join(columns.spellings[name])
            names = listing([repr(name) for name in found], most=20)
            raise UserError(
                f"{path}: no column {name} (nor {spellings}); found: {names}{_hint(found)}"
            )


def _hint(found: Sequence[str]) -> str:
    """Return what to do."""
    sign = next((sign for sign in ";\t|" if len(found) == 1 and sign in found[0]), "")
    if sign:
        return f"; its columns seem to be parted by {sign!r}: part them by commas"
    return "; rename the column that is meant"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
