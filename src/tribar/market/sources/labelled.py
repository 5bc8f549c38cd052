"""A table that somebody has labelled already: its features, labels and label ends."""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.schema import CLASSES
from tribar.errors import UserError, listing
from tribar.market.config import ReadParams
from tribar.market.findings.finding import Evidence
from tribar.market.findings.labelled import judge_classes, judge_columns, judge_ends, judge_late
from tribar.market.row_index import RowIndex, Times
from tribar.market.sources.columns import holds_numbers, numbers, symbols
from tribar.market.sources.duplicates import drop_repeated
from tribar.market.sources.ordering import Ordering, order_rows
from tribar.market.sources.raw_table import RawTable, RawTables
from tribar.market.sources.roles import LABELLED_COLUMNS
from tribar.market.sources.tables import read_tables
from tribar.market.sources.times import times, unit_changes
from tribar.market.sources.understanding import Understanding, understand

_ALLOWED_LABELS = "write -1, 0 or 1, or nothing where there is no label"
_AUTO = ReadParams()
_UNNAMED = re.compile(r"(?:Unnamed: \d+|__index_level_\d+__)?")


@dataclass(frozen=True)
class LabelledReport:
    """What reading the table met.

    Attributes:
        rows: rows kept.
        symbols: their symbols.
        sorted_rows: rows that stood behind a later row of their symbol, and were sorted.
        repeated_rows: rows that said the same as another, and were dropped.
        unlabelled: kept rows without a label, or with one of the past; inputs only.
        leading_incomplete: rows dropped at the start of a symbol, where features are empty.
        ignored_files: files of a source folder that are not read.
        ignored_lines: lines above and below a table, with their files.
    """

    rows: int
    symbols: int
    sorted_rows: int
    repeated_rows: int
    unlabelled: int
    leading_incomplete: int
    ignored_files: tuple[str, ...] = ()
    ignored_lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class LabelledTable:
    """Rows of features, most of them labelled.

    Attributes:
        index: symbol and time of each row.
        table: a line a row. Columns: label (Int8, NA where there is none, or it ends
            before the row), label_end (datetime64[ns], UTC, NaT where the horizon is not
            complete), then each feature (float64, all finite).
        features: the features' names, as the source orders them.
        left_out: columns that are no numbers.
        source_sha256: sha256 over the source's files.
        report: what reading them met.
        evidence: what is doubtful in them.
        understanding: how the source was read.
    """

    index: RowIndex
    table: pd.DataFrame
    features: tuple[str, ...]
    left_out: tuple[str, ...]
    source_sha256: str
    report: LabelledReport
    evidence: tuple[Evidence, ...] = ()
    understanding: Understanding | None = None

    def select(self, chosen: NDArray[np.bool_]) -> Self:
        """Return the rows that are chosen, (rows,)."""
        table = self.table[chosen].reset_index(drop=True)
        return replace(self, index=self.index.select(chosen), table=table)


def read_labelled(
    source: Path, horizon: int, timezone: str = "UTC", read: ReadParams = _AUTO
) -> LabelledTable:
    """Read a labelled table: a file, a folder or a glob of files.

    Args:
        source: the file or folder; a file without a symbol column is one symbol, its stem.
        horizon: rows from a row to its label's end, where no column label_end tells it.
        timezone: of times without an offset.
        read: how the files are to be read.

    Raises:
        UserError: the source cannot be read, or its rows are not to be trusted.
    """
    raw = read_tables(source, LABELLED_COLUMNS, read)
    features = _features(raw)
    ordering = order_rows(raw, timezone)
    values = ordering.apply(
        pd.concat([_read_rows(table, features) for table in raw.tables], ignore_index=True)
    )
    if "label_end" in raw.tables[0].data.column_names:
        ends = times(raw, "label_end", timezone, symbols(raw), may_be_empty=True)
        whole = pd.DataFrame({"label_end": np.concatenate([one.time for one in ends])})
        values.insert(1, "label_end", ordering.apply(whole)["label_end"])
    ordering, values, repeated = drop_repeated(ordering, values)
    if "label_end" not in values:
        values.insert(1, "label_end", _ends_after(ordering.index, horizon))
    evidence = [
        *judge_classes(values["label"]),
        *judge_ends(ordering, values["label"], values["label_end"].to_numpy()),
        *judge_late(ordering.index, values[list(features)]),
    ]
    begun = _begun(ordering, values[list(features)])
    index, table = ordering.index.select(begun), values[begun].reset_index(drop=True)
    if table["label"].isna().all():
        raise UserError(f"{source}: column label is empty in every row; write -1, 0 or 1")
    table["label"] = table["label"].mask(table["label_end"] < index.time)
    report = LabelledReport(
        rows=len(table),
        symbols=len(index.symbols),
        sorted_rows=ordering.sorted_rows,
        repeated_rows=repeated,
        unlabelled=int(table["label"].isna().sum()),
        leading_incomplete=int((~begun).sum()),
        ignored_files=raw.ignored_files,
        ignored_lines=raw.outside,
    )
    left_out = tuple(name for name in raw.unknown if name not in features)
    evidence += judge_columns(index, table["label"], table[list(features)])
    evidence.append(unit_changes(raw, ordering.date_formats))
    understood = understand(raw, ordering)
    return LabelledTable(
        index,
        table,
        features,
        left_out,
        source_sha256=raw.sha256,
        report=report,
        evidence=tuple(evidence),
        understanding=understood,
    )


def _features(raw: RawTables) -> tuple[str, ...]:
    """Return the names of the columns that are features, in every file the same."""
    first, *others = raw.tables
    features = tuple(name for name in first.unknown if _is_feature(first, name))
    if not features:
        raise UserError(
            f"{first.path}: no feature: beside timestamp, symbol, label and label_end no column "
            f"holds numbers; found: {listing(first.unknown, most=20) or 'no other column'}"
        )
    for table in others:
        differing = {name for name in table.unknown if _is_feature(table, name)} ^ set(features)
        if differing:
            raise UserError(
                f"{table.path}: features unlike those of {first.path.name}: "
                f"{listing(sorted(differing))}; give every file of the folder the same columns"
            )
    return features


def _is_feature(table: RawTable, name: str) -> bool:
    # A saved index counts rows: a model would learn the time from it.
    return not _UNNAMED.fullmatch(name.strip()) and holds_numbers(table, name)


def _read_rows(table: RawTable, features: tuple[str, ...]) -> pd.DataFrame:
    """Return label and the features of one file."""
    rows: dict[str, pd.Series[Any] | NDArray[Any]] = {"label": _read_label(table)}
    rows |= {name: numbers(table, name) for name in features}
    return pd.DataFrame(rows)


def _read_label(table: RawTable) -> "pd.Series[int]":
    label = numbers(table, "label", _ALLOWED_LABELS)
    empty = np.isnan(label)
    bad = ~(empty | np.isin(label, CLASSES))
    table.refuse(bad, lambda row: label[row], "label is none of -1, 0, 1", _ALLOWED_LABELS)
    return pd.Series(np.where(empty, 0, label), dtype="Int8").mask(empty)


def _ends_after(index: RowIndex, horizon: int) -> Times:
    """Return the time `horizon` rows later of the same symbol, NaT where there is none."""
    codes, ends = index.codes, np.full_like(index.time, "NaT")
    same = codes[horizon:] == codes[:-horizon]
    ends[:-horizon][same] = index.time[horizon:][same]
    return ends


def _begun(ordering: Ordering, values: pd.DataFrame) -> NDArray[np.bool_]:
    """Return which rows are at or after their symbol's first with every feature.

    Raises:
        UserError: a feature is infinite, or empty further on, or a symbol has no complete row.
    """
    complete, infinite = np.ones(len(values), bool), np.zeros(len(values), bool)
    for name in values:
        column = values[name].to_numpy()
        complete &= np.isfinite(column)
        infinite |= np.isinf(column)
    begun = np.asarray(pd.Series(complete).groupby(ordering.index.codes).cummax(), bool)

    def show(place: int) -> str:
        row = values.iloc[place]
        name = row.index[~np.isfinite(row)][0]
        return f"{ordering.where(place)} ({name} is {row[name]})"

    ordering.refuse(
        ~complete & (begun | infinite),
        show,
        "no finite number in a feature",
        "fill these cells, or leave the rows or the columns out; only the first rows of a "
        "symbol may have empty features",
    )
    ordering.refuse(
        ~np.maximum.reduceat(begun, ordering.index.starts[:-1]),
        lambda symbol: ordering.index.symbols[symbol],
        "no row has every feature",
        "leave these symbols or their empty columns out",
    )
    return begun
