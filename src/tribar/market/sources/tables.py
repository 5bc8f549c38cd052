"""Columns as they stand in the files of a source, under the names that tribar knows."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tribar.errors import UserError, listing
from tribar.market.config import ReadParams
from tribar.market.sources.arrow_table import read_arrow
from tribar.market.sources.cells import are_empty, distinct, holds_text, is_number
from tribar.market.sources.dialect import NO_ROWS, detect
from tribar.market.sources.files import Content, checksum, find_files, read_content
from tribar.market.sources.levels import Names, of_tuples, part
from tribar.market.sources.number_format import (
    PLAIN,
    Ambiguity,
    NumberFormat,
    bare,
    factors,
    find_format,
    merge,
    show,
)
from tribar.market.sources.raw_table import RawTable, RawTables, Reading
from tribar.market.sources.roles import Columns, Header, Roles, find_roles
from tribar.market.sources.text import read_text
from tribar.market.sources.text_table import read_rows

TEXTS = ("symbol", "timestamp", "time", "label_end")
_SHARED = ("symbol", "timestamp", "time")
_SAMPLE_ROWS = 200


def read_tables(path: Path, columns: Columns, read: ReadParams) -> RawTables:
    """Read a file, a folder or a glob of files, each text, Parquet or Arrow.

    Raises:
        UserError: nothing to read, or a file that is damaged, empty, lacks a required column,
            has one twice, or has other known columns than the first.
    """
    source = find_files(path, "*" if read.files == "auto" else read.files)
    tables: list[RawTable] = []
    digests: dict[str, str] = {}
    for file in source.files:
        content = read_content(file)
        digests[file.name] = content.sha256
        tables.append(_read(content, columns, read))
        _refuse_other_columns(tables[0], tables[-1], columns)
    sha256 = checksum(digests, source.is_folder)
    return RawTables(path, tuple(tables), source.ignored, sha256, columns, read)


def _refuse_other_columns(first: RawTable, table: RawTable, columns: Columns) -> None:
    """Raise where two files of a folder differ in the known columns they have."""
    for name in columns.spellings:
        has = [name in raw.data.column_names for raw in (first, table)]
        if name != "symbol" and has[0] != has[1]:
            without, other = (first, table) if has[1] else (table, first)
            raise UserError(
                f"{without.path}: no column {name}, which {other.path.name} has; "
                "give every file of the folder the same columns"
            )


def _read(content: Content, columns: Columns, read: ReadParams) -> RawTable:
    table = of_text if content.kind == "text" else _read_columnar
    return checked(table(content, columns, read), columns)


def checked(raw: RawTable, columns: Columns) -> RawTable:
    """Return a table without the rows that have no price at all.

    Raises:
        UserError: no row is left.
    """
    if not raw.data.num_rows:
        raise UserError(f"{raw.path}: {NO_ROWS}")
    return raw if columns.keep_others else _without_empty_rows(raw, columns)


def _read_columnar(content: Content, columns: Columns, read: ReadParams) -> RawTable:
    table = of_arrow(content.path, read_arrow(content), columns, read)
    return replace(table, stem=content.stem)


def of_arrow(path: Path, whole: pa.Table, columns: Columns, read: ReadParams) -> RawTable:
    """Return the columns of a table of Arrow's.

    Raises:
        UserError: a required column is missing, or one is there twice.
    """
    sample = tuple(_as_texts(column.slice(0, _SAMPLE_ROWS)) for column in whole.columns)
    names = part(of_tuples(whole.column_names))
    header = Header(path, names.names, names.symbols, sample, is_named=True)
    roles = find_roles(header, columns, read)
    numbers = [whole.column(at) for at in _number_columns(roles, columns, sample)]
    reading = Reading({}, numbers=_number_format(path, numbers, read))
    return _assemble(header, roles, columns, list(whole.columns), None, reading)


def _as_texts(column: pa.ChunkedArray) -> tuple[str, ...]:
    try:
        return tuple(column.cast(pa.string()).fill_null("").to_pylist())
    except pa.ArrowException:
        return ()


def of_text(content: Content, columns: Columns, read: ReadParams) -> RawTable:
    """Return the columns of a text.

    Raises:
        UserError: it is no table, a required column is missing, or one is there twice.
    """
    text = read_text(content, read.encoding)
    dialect = detect(text, read)
    names = part(dialect.header) if dialect.header else Names.unnamed(dialect.width)
    sample = tuple(zip(*dialect.sample, strict=True))
    header = Header(content.path, names.names, names.symbols, sample, bool(dialect.header))
    roles = find_roles(header, columns, read)
    wanted = _wanted(roles, columns)
    kept = {position for name, position in roles.columns.items() if name in TEXTS}
    rows = read_rows(text, dialect, wanted, kept)
    numbers = _number_columns(roles, columns, sample)
    if any(holds_text(rows.data[str(position)].type) for position in numbers):
        rows = read_rows(text, dialect, wanted, kept | numbers)
    data = [rows.data[str(i)] if i in wanted else None for i in range(dialect.width)]
    reading = Reading(
        {},
        encoding=text.encoding,
        separator=dialect.separator,
        header=dialect.header_lines,
        outside=dialect.above + rows.below,
        numbers=_number_format(content.path, [rows.data[str(i)] for i in numbers], read),
    )
    table = _assemble(header, roles, columns, data, rows.lines, reading)
    return replace(table, stem=content.stem)


def _wanted(roles: Roles, columns: Columns) -> set[int]:
    """Return the positions of the columns to read."""
    wanted = set(roles.columns.values())
    wanted |= {position for own in roles.symbols.values() for position in own.values()}
    return wanted | set(roles.others) if columns.keep_others else wanted


def _number_columns(roles: Roles, columns: Columns, sample: Sequence[Sequence[str]]) -> set[int]:
    """Return the positions of the columns that should hold numbers."""
    found = {at for name, at in roles.columns.items() if name not in TEXTS}
    found |= {position for own in roles.symbols.values() for position in own.values()}
    if columns.keep_others:
        others = {i: sample[i] for i in roles.others}
        found |= {i for i, own in others.items() if 2 * sum(map(is_number, own)) > len(own)}
    return found


def _number_format(
    path: Path, columns: Sequence[pa.ChunkedArray], read: ReadParams
) -> NumberFormat:
    texts = [distinct(column)[1] for column in columns if holds_text(column.type)]
    if not texts:
        return PLAIN
    form = find_format(factors(bare(merge(texts)))[0], read.decimal, read.thousands)
    if isinstance(form, Ambiguity):
        readings = " or ".join(
            f"{value:g} ({show(one)})" for one, value in zip(form.formats, form.values, strict=True)
        )
        raise UserError(
            f"{path}: {form.cell!r} may be {readings}, and no other number tells which; "
            "set one in prepare.read"
        )
    return form


def _assemble(
    header: Header,
    roles: Roles,
    columns: Columns,
    data: Sequence[pa.ChunkedArray | None],
    lines: NDArray[np.int32] | None,
    reading: Reading,
) -> RawTable:
    """Return the table of the columns that have a role, in long form."""
    known = {name: data[at] for name, at in roles.columns.items()}
    if roles.symbols:
        table, repeats = _long(known, roles.symbols, data), len(roles.symbols)
        lines = None if lines is None else np.tile(lines, repeats)
    else:
        if columns.keep_others:
            _refuse_twins(header, roles)
            known |= {header.names[at]: data[at] for at in roles.others}
        table = pa.table(known)
    names: dict[str, str | int] = {
        name: header.names[at] or at + 1 if header.is_named else at + 1
        for name, at in roles.columns.items()
    }
    unknown = tuple(dict.fromkeys(header.names[at] for at in roles.others))
    unknown = unknown if header.is_named else ()
    reading = replace(reading, columns=names, unknown=unknown, wide=bool(roles.symbols))
    return RawTable(header.path, "", table, lines, reading)


def _refuse_twins(header: Header, roles: Roles) -> None:
    names = [header.names[at] for at in roles.others]
    twins = sorted({name for name in names if names.count(name) > 1})
    if twins:
        raise UserError(
            f"{header.path}: several columns are named {listing(twins)}; give each its own name"
        )


def _long(
    shared: Mapping[str, pa.ChunkedArray],
    symbols: Mapping[str, Mapping[str, int]],
    data: Sequence[pa.ChunkedArray | None],
) -> pa.Table:
    """Return a wide table in long form, one symbol below another."""
    parts = []
    for symbol, positions in symbols.items():
        own = dict(shared) | {name: data[at] for name, at in positions.items()}
        rows = len(next(iter(own.values())))
        parts.append(pa.table(own | {"symbol": pa.array([symbol] * rows, pa.string())}))
    return pa.concat_tables(parts, promote_options="permissive")


def _without_empty_rows(raw: RawTable, columns: Columns) -> RawTable:
    """Return a table without the rows that have no price at all, counted."""
    prices = [name for name in columns.spellings if name not in (*_SHARED, "volume")]
    empty = np.ones(raw.data.num_rows, bool)
    for name in set(prices) & set(raw.data.column_names):
        empty &= _is_empty(raw.data[name])
    if not empty.any():
        return raw
    if empty.all():
        raise UserError(f"{raw.path}: no row has a price; download or write the file again")
    reading = replace(raw.reading, empty_rows=int(empty.sum()))
    return replace(raw.without(empty), reading=reading)


def _is_empty(column: pa.ChunkedArray) -> NDArray[np.bool_]:
    if holds_text(column.type):
        codes, texts = distinct(column)
        return are_empty(texts)[codes]
    empty: NDArray[np.bool_] = pc.is_null(column, nan_is_null=True).to_numpy()
    return empty
