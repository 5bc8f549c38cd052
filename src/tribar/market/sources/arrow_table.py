"""Tables of Parquet and Arrow files."""

import pyarrow as pa
import pyarrow.ipc as pa_ipc
import pyarrow.parquet as pa_parquet

from tribar.errors import UserError
from tribar.market.sources.dialect import MOST_COLUMNS
from tribar.market.sources.files import Content, most_bytes


def read_arrow(content: Content) -> pa.Table:
    """Return a columnar file's table, checked to its last offset: a damaged one leads anywhere.

    Raises:
        UserError: it is damaged, or unpacks to more than any table of bars.
    """
    try:
        return _read(content)
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        kind, fault = content.kind.capitalize(), (str(error).splitlines() or [""])[0]
        raise UserError(
            f"{content.path}: damaged {kind} ({fault}); download or write it again"
        ) from None


def _read(content: Content) -> pa.Table:
    buffer = pa.BufferReader(content.data)
    if content.kind == "parquet":
        file = pa_parquet.ParquetFile(buffer)
        _refuse_large(content, file.metadata.num_rows, file.metadata.num_columns)
        whole = file.read()
    else:
        whole = pa_ipc.open_file(buffer).read_all()
        _refuse_large(content, whole.num_rows, whole.num_columns)
    whole.validate(full=True)
    return whole


def _refuse_large(content: Content, rows: int, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise UserError(f"{content.path}: {columns} columns; at most {MOST_COLUMNS} are read")
    if 8 * rows * columns > (most := most_bytes(content.data)):
        raise UserError(
            f"{content.path}: {rows} rows of {columns} columns unpack to more than {most} bytes, "
            "as no table of bars does"
        )
