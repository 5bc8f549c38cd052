"""The one error of a table that cannot be read, with the block of params.yaml to write."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

from tribar.errors import UserError, listing
from tribar.market.sources.cells import show_cell


def read_block(read: Mapping[str, Any]) -> str:
    """Return the lines of params.yaml that set parameters of `prepare.read`.

    >>> print(read_block({"layout": "wide"}))
    prepare:
      read:
        layout: wide
    """
    return prepare_block({"read": dict(read)})


def prepare_block(parameters: Mapping[str, Any]) -> str:
    """Return the lines of params.yaml that set parameters of `prepare`."""
    tree = {"prepare": dict(parameters)}
    return yaml.safe_dump(tree, allow_unicode=True, sort_keys=False, width=1000).rstrip()


def refuse_columns(
    path: Path,
    names: Sequence[str],
    missing: Sequence[str],
    known: Mapping[str, int],
    is_named: bool,
) -> NoReturn:
    """Raise for columns that are missing.

    Args:
        path: the file.
        names: of its columns, or what stands in its first row.
        missing: names that no column has.
        known: positions by name, as far as names and values tell.
        is_named: whether the columns have names.

    Raises:
        UserError: always.
    """
    has = "its columns are" if is_named else "no line names its columns; its first row is"
    shown = listing([show_cell(name) for name in names], most=20)
    advice = "write in params.yaml"
    still = [name for name in missing if name not in known]
    if still == ["close"] and "timestamp" in known and len(names) > 2:
        advice += " layout: wide, if each column is the close of one symbol, or"
    elif still:
        advice += f", with your column for {' and '.join(still)} instead of '...',"
    columns = {
        name: names[at] if is_named and names[at] and list(names).count(names[at]) == 1 else at + 1
        for name, at in known.items()
    }
    block = read_block({"columns": columns | dict.fromkeys(still, "...")})
    raise UserError(
        f"{path}: no column is {' or '.join(missing)}; {has} {shown}; {advice}\n{block}"
    )
