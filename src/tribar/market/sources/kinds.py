"""What a file is, told by its content: text, a columnar table, or a kind that is not read."""

import io
import lzma
import re
import struct
import zipfile
import zlib
from typing import Literal

Kind = Literal["text", "parquet", "arrow"]

DAMAGES = (OSError, EOFError, ValueError, IndexError, RuntimeError, struct.error, lzma.LZMAError,
           zlib.error, zipfile.BadZipFile)  # fmt: skip
"""What the libraries that unpack raise for a damaged file."""

_TABLES: dict[bytes, Kind] = {b"PAR1": "parquet", b"ARROW1": "arrow"}
_BEGINNINGS = (
    (rb"version https://git-lfs\.github\.com/spec", "a pointer of Git LFS, not the data; fetch it "
     "with `git lfs pull`"),
    (rb"(?:[\w -]+:.*\n)*outs:\s*\n- ", "a pointer of DVC, not the data; fetch it with `dvc pull`, "
     "and name the file without .dvc"),
    (rb"\s*<(?:!doctype html|html|head|body|!--)", "a web page, as a log-in or an error gives it; "
     "download the file again"),
    (rb"\s*<\?xml", "XML; convert it with pandas.read_xml"),
    (rb"\s*(?:\{|\[\s*[\[{])", "JSON, maybe a vendor's message instead of data; if it holds bars, "
     "convert it with pandas.read_json"),
    (rb"\xd0\xcf\x11\xe0", "a spreadsheet; save its sheet as CSV"),
    (rb"\x80[\x02-\x05]", "a pickle, and nothing is unpickled: docs/data.md has the lines that "
     "convert it"),
    (rb"\x93NUMPY", "a NumPy array without named columns; write it as Parquet or CSV"),
    (rb"\x89HDF", "an HDF5 file; convert it with pandas.read_hdf(...).to_parquet(...)"),
    (rb"SQLite format 3", "a database; write its table as CSV"),
    (rb"%PDF", "a PDF; get the table as CSV"),
    (rb"\xff{4}", "a stream of Arrow; write it as a file of Arrow or Feather"),
    (rb"PK\x05\x06", "an empty zip archive; download it again"),
    (rb"BZh[1-9]1AY|\xfd7zXZ|7z\xbc\xaf|Rar!", "packed in a way that is not read; unpack it, or "
     "pack it with gzip, zip or zstd"),
    (rb"FEA1", "Feather of version 1; write it again with a newer library"),
)  # fmt: skip


def table_kind(data: bytes) -> Kind:
    """Return how a content is to be read, as far as its first bytes tell.

    >>> table_kind(b"PAR1..."), table_kind(b"date,close")
    ('parquet', 'text')
    """
    return next((kind for magic, kind in _TABLES.items() if data.startswith(magic)), "text")


def no_table(data: bytes) -> str:
    """Return what a content is, and what to do, where it is of a kind that is not read; else "".

    >>> no_table(b"<html>")[:10]
    'a web page'
    """
    if data.startswith(b"PK\3\4"):
        return _archive(data)
    for beginning, text in _BEGINNINGS:
        if re.match(beginning, data[:1000].removeprefix(b"\xef\xbb\xbf"), re.IGNORECASE):
            return text
    return ""


def _archive(data: bytes) -> str:
    try:
        names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    except DAMAGES:
        return "a damaged zip archive; download it again"
    if any(name.startswith(("xl/", "mimetype")) for name in names):
        return "a spreadsheet; save its sheet as CSV"
    return ""
