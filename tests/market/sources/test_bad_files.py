"""What people have instead of a table of bars: one error that says so, or bars and what was left.

A line a case: the file, and words of its error, or what its report says where reading is right.
"""

import bz2
import gzip
import io
import lzma
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.ipc as pa_ipc
import pyarrow.parquet as pa_parquet
import pytest

from tests.market.sources.factories import BARS, as_frame, put, with_cell, with_line
from tribar.errors import UserError
from tribar.market.sources.bars import read_bars

Files = str | bytes | dict[str, str | bytes]
TEXT = BARS.encode()
FEATHER_1 = b"FEA1" + b"\0" * 40 + b"FEA1"
LFS, DVC = "version https://git-lfs.github.com/spec/v1\n", "outs:\n- md5: 0\n  path: x.csv\n"
IMPORTED = f"md5: 0a\nfrozen: true\ndeps:\n- path: a\n  repo:\n    url: https://a.b\n{DVC}"
DAYS = ["2020-01-01", "2020-01-02"]
FAR = pa.array([253402300799, 0], pa.timestamp("s"))
SECONDS = pa.array([1, 2], pa.duration("s"))
NOTE = "date,close,note\n2020-01-01,1,"
WIDE = "date,close" + ",c" * 9_999 + "\n" + "2020-01-01,1" + ",1" * 9_999 + "\n"
EPOCHS = ["1577923200", "1577923260000", "1577923320"]
MIXED = "date;open;high;low;close\n2020-01-01;10.5;12.5;9.5;11,5\n2020-01-02;9.5;13.5;9.5;12,5\n"
GERMAN = "date;close\n2020-01-01;11,5\n2020-01-02;12,25\n"
SHIFT_JIS = "symbol,date,close\nトヨタ,2020-01-01,1\nトヨタ,2020-01-02,2\n".encode("cp932")
GBK = "代码,date,close\n平安银行,2020-01-01,1\n平安银行,2020-01-02,2\n".encode("gbk")
TWO_ENCODINGS = "symbol,date,close\nä,2020-01-01,1\n".encode() + b"\xe4,2020-01-02,2\n"
SWALLOWED = '"a\n2020-01-02,2,b\n2020-01-03,3,c"\n2020-01-04,4,d\n'
CONFLICT = BARS.replace("2020-01-02", "<<<<<<< HEAD\n2020-01-02") + ">>>>>>> b\n"


def closes(*cells: str) -> str:
    return "date,close\n" + "".join(f'2020-01-{n:02},"{c}"\n' for n, c in enumerate(cells, 1))


def days(*cells: str) -> str:
    return "date,close\n" + "".join(f'"{cell}",{n}\n' for n, cell in enumerate(cells, 1))


def symbol(name: str) -> str:
    return f"symbol,date,close\n{name},2020-01-01,1\n{name},2020-01-02,2\n"


def close(cell: str) -> str:
    return with_cell(BARS, 3, "close", cell)


def volume(cell: str) -> str:
    return with_cell(BARS, 3, "volume", cell)


def zipped(files: dict[str, str | bytes]) -> dict[str, str | bytes]:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return {"x.zip": buffer.getvalue()}


def encrypted() -> dict[str, str | bytes]:
    data = bytearray(zipped({"x.csv": BARS})["x.zip"])  # type: ignore[arg-type]
    data[6] |= 1
    data[data.index(b"PK\1\2") + 8] |= 1
    return {"x.zip": bytes(data)}


def tar() -> bytes:
    buffer, member = io.BytesIO(), tarfile.TarInfo("x.csv")
    member.size = len(TEXT)
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.addfile(member, io.BytesIO(TEXT))
    return buffer.getvalue()


def parquet(**columns: object) -> bytes:
    buffer = io.BytesIO()
    pa_parquet.write_table(pa.table({"date": DAYS} | columns), buffer)
    return buffer.getvalue()


def arrow(is_stream: bool = False, **columns: object) -> bytes:
    buffer, table = io.BytesIO(), pa.table({"date": DAYS} | columns)
    write = pa_ipc.new_stream if is_stream else pa_ipc.new_file
    with write(buffer, table.schema) as file:
        file.write_table(table)
    return buffer.getvalue()


def offsets(*ends: int) -> bytes:
    return np.array([0, *ends], "i4").tobytes()


def constant(rows: int) -> bytes:
    columns = {"date": pa.repeat("2020-01-01", rows), "close": pa.repeat(1.0, rows)}
    buffer = io.BytesIO()
    pa_parquet.write_table(pa.table(columns), buffer)
    return buffer.getvalue()


DAMAGED = arrow(close=[1.0, 2.0]).replace(offsets(10, 20), offsets(10, 2**30))
REFUSED: dict[str, tuple[Files, str]] = {
    # no table
    "half a line": (BARS[:-8], "line 5 (4); the file seems to be cut off there"),
    "cut in a date": (BARS + "2020-01-0", "line 6 (1); the file seems to be cut off there"),
    "cut after a date": (BARS + "2020-01-07,", "line 6 (2); the file seems to be cut off there"),
    "cut archive": ({"x.gz": gzip.compress(TEXT)[:-12]}, "it is damaged (Compressed file ended"),
    "web page": ("<!DOCTYPE html><html>404</html>", "it is a web page"),
    "web page in an archive": (zipped({"x.csv": "<html>404</html>"}), "it is a web page"),
    "part of a web page": ("<div>Too many</div>\n", "holds no rows; it begins '<div>Too many"),
    "table of a web page": ("<table><td>2020-01-01</td>", "the file begins '<table>"),
    "words of a server": ("Too Many Requests\n", "no rows; it begins 'Too Many Requests'"),
    "XML": ("<?xml version='1.0'?><a/>", "it is XML"),
    "JSON object": ('{"chart":{"result":null}}', "it is JSON"),
    "JSON rows": ('[[1727740800000,"10"],\n[1727740800001,"2"]]', "it is JSON"),
    "JSON lines": ('{"date":"2020-01-01","close":1}\n' * 2, "it is JSON"),
    "JSON text": ('"Invalid API key"', "no rows; it begins '\"Invalid API key\"'"),
    "old spreadsheet": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99, "it is a spreadsheet"),
    "spreadsheet as CSV": (zipped({"xl/a.xml": "x"}), "it is a spreadsheet; save its sheet as CSV"),
    "open spreadsheet": (zipped({"mimetype": "x", "a.xml": "y"}), "it is a spreadsheet"),
    "document": (zipped({"word/a.xml": "x", "b.xml": "y"}), "the archive holds 2 files"),
    "pointer of Git LFS": (LFS + "oid sha256:0\n", "it is a pointer of Git LFS"),
    "pointer, saved in Windows": ("\ufeff" + LFS.replace("\n", "\r\n"), "a pointer of Git LFS"),
    "pointer of DVC": (DVC, "it is a pointer of DVC"),
    "imported pointer of DVC": (IMPORTED, "it is a pointer of DVC"),
    "link as text": ("../data/x.csv", "no table: no line has a time and a price"),
    "PDF": (b"%PDF-1.4\n", "it is a PDF"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is not UTF-8 text"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "it is an HDF5 file"),
    "database": (b"SQLite format 3\0", "it is a database"),
    "Feather 1": (FEATHER_1, "it is Feather of version 1"),
    "NumPy archive": (zipped({"a.npy": b"\x93NUMPY"}), "it is a NumPy array"),
    "ORC": (b"ORC" + b"\0\1\2" * 9, "it is no text, and neither Parquet nor Arrow"),
    "prose": ("The quick fox, the dog.\nIt was, then, over.\n", "holds no rows; it begins 'The"),
    "YAML": ("- date: 2020-01-01\n  close: 1\n", "no column is close"),
    "SQL": ("INSERT INTO bars VALUES ('2020-01-01', 1.5);\n" * 2, "holds no rows"),
    "only a mark": (b"\xef\xbb\xbf", "the file is empty"),
    "only a mark of UTF-16": (b"\xff\xfe", "the file is empty"),
    "only spaces that do not break": ("\u00a0\u00a0\n", "the file is empty"),
    "only separators": (",,,\n,,,\n", "holds no rows; it begins ',,,'"),
    "only NUL": (b"\0" * 999, "it is no text"),
    "random": (np.random.default_rng(0).bytes(5000), "is not UTF-8 text"),
    # packed
    "bzip2": (bz2.compress(TEXT), "it is packed in a way that is not read"),
    "xz": (lzma.compress(TEXT), "it is packed in a way that is not read"),
    "7z": (b"7z\xbc\xaf\x27\x1c\0\4", "it is packed in a way that is not read"),
    "rar": (b"Rar!\x1a\x07\0", "it is packed in a way that is not read"),
    "tar": ({"x.tar.gz": gzip.compress(tar())}, "it is no text"),
    "gzip twice": (gzip.compress(gzip.compress(TEXT)), "it is packed twice; unpack it once"),
    "gzip in zip": (zipped({"x.gz": gzip.compress(TEXT)}), "it is packed twice"),
    "zip in zip": (zipped({"x.zip": zipped({"x.csv": TEXT})["x.zip"]}), "it is packed twice"),
    "zip of several": (zipped({"a.csv": TEXT, "\x1b[31m": TEXT}), "2 files ('a.csv', '\\x1b[31m')"),
    "empty zip": (zipped({}), "it is an empty zip archive"),
    "zip of a folder": (zipped({"a/": ""}), "the archive holds 0 files"),
    "zip of an empty file": (zipped({"a.csv": ""}), "the file is empty"),
    "encrypted zip": (encrypted(), "is encrypted, password required"),
    "zip bomb": (zipped({"x.csv": b"0" * 300_000_000}), "it unpacks to more than 67108864 bytes"),
    "damaged zstd": (b"\x28\xb5\x2f\xfd" + b"\1\2\3" * 9, "it is damaged (ZSTD"),
    "zip without a name": (zipped({"x": b""})["x.zip"][:30], "damaged zip archive"),
    "gzip with a tail": (gzip.compress(TEXT) + b"garbage", "it is damaged (Not a gzipped file"),
    # columnar
    "Parquet, first bytes": (b"PAR1", "damaged Parquet"),
    "Parquet, no footer": (b"PAR1" + b"\0" * 30 + b"PAR1", "damaged Parquet"),
    "Parquet, no rows": (parquet(date=pa.array([], "string"), close=pa.array([], "f8")), "no rows"),
    "Parquet, nested": (parquet(close=[{"a": 1.0}, {"a": 2.0}]), "close holds struct<a: double>"),
    "Parquet, lists": (parquet(close=[[1.0], [2.0]]), "close holds list<element: double>"),
    "Parquet, binary": (parquet(close=[b"1", b"\xff"]), "close holds binary; write numbers"),
    "Parquet, binary times": (parquet(date=[b"\xff", b"\xfe"], close=[1, 2]), "holds binary"),
    "Parquet, damaged text": (
        parquet(close=[1, 2]).replace(b"2020-01-01", b"\xff020-01-01"),
        "Invalid UTF8",
    ),
    "Parquet, no times": (parquet(date=pa.nulls(2), close=[1, 2]), "timestamp is no time: row 1"),
    "Parquet, far times": (parquet(date=FAR, close=[1, 2]),
                           "timestamp is no time: row 1 ('9999-12-31"),
    "Parquet, no prices": (parquet(close=pa.nulls(2)), "no row has a price"),
    "Parquet, thousands": (parquet(close=["1,234", "1,235"]), "'1,234' may be 1234"),
    "Parquet, no symbol": (parquet(symbol=["A", None], close=[1, 2]), "no symbol: row 2"),
    "Parquet, 10,001 columns": (parquet(**{f"{n}": DAYS for n in range(10_000)}), "10001 columns"),
    "Parquet bomb": (constant(5_000_000), "5000000 rows of 2 columns unpack to more than 67108864"),
    "Arrow, durations": (arrow(date=SECONDS, close=[1, 2]), "duration[s]"),
    "Arrow, prices of durations": (arrow(close=SECONDS), "duration[s]"),
    "Arrow, cut": (arrow(close=[1, 2])[:-20], "damaged Arrow"),
    "Arrow, damaged offset": (DAMAGED, "damaged Arrow (Column 0: In chunk 0: Invalid: Length"),
    "Arrow, stream": (arrow(is_stream=True, close=[1, 2]), "it is a stream of Arrow"),
    # lines
    "two tables": (BARS + "\n" + BARS.replace("2020", "2021"), "no time: line 7 ('timestamp')"),
    "names again": (BARS + BARS.replace("2020-01", "2020-02"), "no time: line 6 ('timestamp')"),
    "a line of totals": (with_line(BARS, "Total,46,54,42,50,400"), "no time: line 6 ('Total')"),
    "totals without a name": (with_line(BARS, ",46,54,42,50,400"), "no time: line 6 ('')"),
    "units in one cell": (BARS.replace("volume", "volume\nUSD"), "not 6 columns", ),
    "a long footer": (BARS + "a\nb\nc\nd\n", "line 6 (1), line 7 (1), line 8 (1), line 9 (1)"),
    "a note between": (BARS.replace("2020-01-03", "# x\n2020-01-03"), "line 4 (1); mend"),
    "two separators": (BARS.replace("2020-01-03,12", "2020-01-03;12"), "line 4 (5); mend"),
    "other separators in a line": (BARS.replace("13,10,12,", "13;10;12;"), "line 3 (3); mend"),
    "a quote that does not close": (BARS.replace("2020-01-02", '"2020-01-02'), "line 4 stands in"),
    "rows behind a quote": (NOTE + SWALLOWED, "line 3 stands in a quoted cell of a row above"),
    "a last quote": (with_line(BARS, '"2020-01-07,1,2,1,1,1'), "line 6 (1); mend"),
    "a quote in a price": (close('1"2'), "close is no number: line 3 ('1\"2')"),
    "a number after a broken line": (NOTE + '"a\nb"\n2020-01-02,x,c\n' + "2020-01-03,3,c\n" * 3,
                                     "close is no number: line 4 ('x')"),
    "single quotes": (BARS.replace("2020-01-02", "'2020-01-02'"), "line 3 (\"'2020-01-02'\")"),
    "NUL": (close("1\0002"), "it is no text"),
    "a mark in the middle": (BARS + "\ufeff2020-01-07,14,16,13,15,9\n", "line 6 ('\\ufeff2020-"),
    "a line separator": (BARS.replace("12,100\n", "12,100\u2028", 1), "line 3 (11); mend"),
    "merge conflict": (CONFLICT, "line 3 (1), line 7 (1); mend"),
    "a cell too many": (BARS.replace("14,100", "14,100,9"), "line 5 (7); mend"),
    "commas within decimals": (GERMAN.replace(";", ","), "no column is close; no line names"),
    "UTF-16, one byte short": (BARS.encode("utf-16")[:-1], "is not UTF-16 text"),
    "two encodings": (TWO_ENCODINGS, "line 3 is not UTF-8 text"),
    "a line of 20 MB": ("date,close\n2020-01-01," + "1" * 20_000_000, "line 2 has more than"),
    "one line of 20 MB": ("x" * 20_000_000, "line 1 has more than 524288 characters"),
    "a cell of 20 MB far below": (
        "date,close\n" + "2020-01-01,1\n" * 90_000 + "2020-01-02," + "1" * 20_000_000,
        "line 90002 has more than 524288 characters",
    ),
    "10,001 columns": (WIDE, "10001 columns; at most 10000 are read"),
    "a million columns": ("c," * 1_000_000 + "c\n", "line 1 has more than 524288 characters"),
    # columns
    "closes of two cases": ("date,Close,close\n2020-01-01,1,2\n", "'Close' and 'close' both mean"),
    "two dates": ("date,date,close\n" + "2020-01-01,2020-01-01,1\n", "both mean timestamp"),
    "two volumes": ("date,close,volume,volume\n2020-01-01,1,2,3\n", "both mean volume"),
    "two symbols": ("symbol,symbol,date,close\nA,B,2020-01-01,1\n", "both mean symbol"),
    "no names in the line of names": (",,\n" + "2020-01-01,1,2\n" * 2, "no column is close"),
    "quotes of a market": ("time,bid,ask\n2020-01-01 10:00,1,2\n", "no column is close"),
    "one number": ("5", "no table: no line has a time and a price"),
    "lying on its side": ("date,2020-01-01,2020-01-02\nclose,1,2\n", "no column is timestamp"),
    "a column a field": ("date,field,value\n2020-01-01,a,1\n2020-01-01,b,2\n", "in two rows"),
    "several symbols, no column": (closes("1", "2") + closes("5", "6")[11:], "line 2 and line 4"),
    "high and low swapped": (BARS.replace("high,low", "low,high"), "high is below low: line 2"),
    # values
    "percent": (closes("1%", "2%"), "close is no number: line 2 ('1%')"),
    "currency behind": (closes("1.5 USD", "2.5 USD"), "line 2 ('1.5 USD')"),
    "thousands in two ways": (closes("1,234.5", "1.234,5"), "no number: line 3 ('1.234,5')"),
    "thousands in wrong places": (closes("1,23.5", "2.5", "3.5"), "line 2 ('1,23.5')"),
    "decimal commas in a column": (MIXED, "close is no number: line 2 ('11,5'), line 3 ('12,5')"),
    "minus of typesetters": (closes("1.5", "−2.5", "3.5"), "line 3 ('−2.5')"),
    "brackets for minus": (close("(12)"), "line 3 ('(12)')"),
    "digits of other scripts": (close("１２"), "close is no number: line 3 ('１２')"),
    "Arabic digits": (close("١٢"), "close is no number: line 3 ('١٢')"),
    "the letter O": (close("1O"), "line 3 ('1O')"),
    "a formula": (close("=12"), "line 3 ('=12')"),
    "a command": (close("=cmd|' /C calc'!A0"), "close is no number: line 3 (\"=cmd|"),
    "an error of a spreadsheet": (close("#DIV/0!"), "line 3 ('#DIV/0!')"),
    "a date too wide": (days("2020-01-01", "2020-01-02", "########"), "line 4 ('########')"),
    "infinity's sign": (close("∞"), "line 3 ('∞')"),
    "minus infinity": (close("-inf"), "close is no positive number: line 3 (-inf)"),
    "None": (close("None"), "close is no positive number: line 3 (nan)"),
    "null": (close("null"), "close is no positive number: line 3 (nan)"),
    "nil": (close("nil"), "close is no number: line 3 ('nil')"),
    "minus zero": (close("-0"), "close is no positive number: line 3 (0.0)"),
    "all negative": (closes("-1", "-2"), "close is no positive number: line 2 (-1.0)"),
    "400 digits": (closes("1" * 400, "2" * 400), "close is no positive number: line 2 (inf)"),
    "a long cell": (close("x" * 1000), f"line 3 ('{'x' * 80}...')"),
    "volume in words": (volume("ten"), "volume is no number: line 3 ('ten')"),
    "volume with a unit": (volume("10 lots"), "volume is no number: line 3 ('10 lots')"),
    "volume -5": (volume("-5"), "volume is neither zero nor positive: line 3 (-5.0)"),
    # times
    "dates in two forms": (days(*DAYS, "03.01.2020"), "line 4 ('03.01.2020'); the others are ISO"),
    "dates in two forms, half each": (days("2020-01-01", "02.01.2020"), "line 3 ('02.01.2020')"),
    "13:30 PM": (days("2020-01-13 09:30 AM", "2020-01-13 13:30 PM"), "line 3 ('2020-01-13 13:"),
    "24:00": (days("2020-01-01 23:00", "2020-01-01 24:00"), "line 3 ('2020-01-01 24:00')"),
    "31 February": (days("28.02.2020", "31.02.2020"), "no time: line 3 ('31.02.2020')"),
    "29 February 2021": (days("2021-02-28", "2021-02-29"), "no time: line 3 ('2021-02-29')"),
    "a month 13": (days("2020-13-01", "2020-12-01"), "no time: line 2 ('2020-13-01')"),
    "a spreadsheet's days": (days("45293", "45294"), "no time: line 2 ('45293')"),
    "one of a spreadsheet's days": (days("2024-01-02", "45294", "2024-01-04"), "line 3 ('45294')"),
    "negative epochs": (days("-86400", "-172800"), "no time: line 2 ('-86400')"),
    "epochs in powers of ten": (days("1.57E+12", "1.58E+12"), "no time: line 2 ('1.57E+12')"),
    "epochs of 11 digits": (days("15779232000", "15780096000"), "line 2 ('15779232000')"),
    "the year 1": (days("0001-01-01", "0001-01-02"), "no time: line 2 ('0001-01-01')"),
    "the year 9999": (days("2020-01-01", "9999-12-31"), "no time: line 3 ('9999-12-31')"),
    "the Buddhist year": (days("2563-01-02", "2563-01-03"), "no time: line 2 ('2563-01-02')"),
    "quarters": (days("2020Q1", "2020Q2"), "no time: line 2 ('2020Q1')"),
    "days of the week": (days("Monday", "Tuesday"), "no time: line 2 ('Monday')"),
    "clocks alone": (days("09:30", "09:31"), "no time: line 2 ('09:30')"),
    "a zone of letters": (days("2020-01-02 10:00 EST", "2020-01-02 11:00 EST"), "10:00 EST')"),
    "an offset of 99 hours": (days("2020-01-02T10:00Z", "2020-01-02T11:00+99:00"), "line 3 ("),
    "no date, two readings": (days("", "01/02/2020", "03/02/2020"), "'01/02/2020' may be"),
    # symbols
    "a path": (symbol("../../etc/passwd"), "no name of a symbol: line 2 ('../../etc/passwd')"),
    "the folder above": (symbol(".."), "no name of a symbol: line 2 ('..')"),
    "a symbol that is a command": (symbol("=cmd|' /C calc'!A0"), "no name of a symbol"),
    "a symbol that is a script": (symbol("<script>x</script>"), "no name of a symbol"),
    "right to left": (symbol("\u202eLPAA"), "line 2 ('\\u202eLPAA')"),
    "control characters": (symbol("A\x1b[31m"), "line 2 ('A\\x1b[31m')"),
    "no width": (symbol("A\u200b"), "line 2 ('A\\u200b')"),
    "200 characters": (symbol("A" * 200), "no name of a symbol"),
    "a symbol of two lines": (symbol('"A\nB"'), "no name of a symbol: line 2 ('A\\nB'), line 4"),
    "markup in a file's name": ({"<b>x.csv": TEXT}, "'<b>x' is no name of a symbol"),
    "a file's name of two lines": ({"a\nb.csv": TEXT}, "the name has signs that are no text"),
    "a file's name that is no text": ({os.fsdecode(b"\xff.csv"): TEXT}, "\\udcff.csv': the name"),
    "a file without a name": ({".csv": TEXT}, "'' is no name of a symbol"),
}  # fmt: skip
READ: dict[str, tuple[Files, list[float], dict[str, object]]] = {
    "cut in a number": (BARS[:-2], [11, 12, 13, 14], {}),
    "a short total": (BARS + "Total,400\n", [11, 12, 13, 14], {"ignored_lines": ("Total,400",)}),
    "notes below": (BARS + "a\nb\nc\n", [11, 12, 13, 14], {"ignored_lines": ("a", "b", "c")}),
    "notes above": ("# a\n\n# b\n" + BARS, [11, 12, 13, 14], {"ignored_lines": ("# a", "# b")}),
    "units": (BARS.replace("volume", "volume\n,$,$,$,$,shares"), [11, 12, 13, 14], {"symbols": 1}),
    "dashes": (BARS.replace("volume", "volume" + "\n---" + ",---" * 5), [11, 12, 13, 14], {}),
    "empty rows of a spreadsheet": (BARS + ",,,,,\n" * 50, [11, 12, 13, 14], {"empty_rows": 50}),
    "a date without prices": (BARS + "2020-01-07,,,,,\n", [11, 12, 13, 14], {"empty_rows": 1}),
    "equal rows": (with_line(BARS, "2020-01-06,13.0,15,12,1.4e1,100"), [11, 12, 13, 14],
                   {"repeated_rows": 1}),
    "every row twice": (BARS + BARS.partition("\n")[2], [11, 12, 13, 14],
                        {"repeated_rows": 4, "sorted_rows": 3}),
    "newest first": (days("2020-01-03", "2020-01-02", "2020-01-01"), [3, 2, 1], {"sorted_rows": 2}),
    "one row": (days("2020-01-01"), [1], {}),
    "one row without names": ("2020-01-01,10,12,9,11\n", [11], {}),
    "mixed line ends": (BARS.replace("11,100\n", "11,100\r").replace("13,100\n", "13,100\r\n"),
                        [11, 12, 13, 14], {}),
    "two marks": (b"\xef\xbb\xbf" * 2 + TEXT, [11, 12, 13, 14], {}),
    "the end of a file of DOS": (BARS + "\x1a", [11, 12, 13, 14], {"ignored_lines": ("\x1a",)}),
    "UTF-32": (BARS.encode("utf-32"), [11, 12, 13, 14], {}),
    "spaces around": (BARS.replace(",", " , "), [11, 12, 13, 14], {}),
    "a separator in Excel's line": ("sep=;\n" + BARS.replace(",", ";"), [11, 12, 13, 14],
                                    {"ignored_lines": ("sep=;",)}),
    "GBK": (GBK, [1, 2], {"ignored_columns": ("代码",)}),
    "Shift JIS": (SHIFT_JIS, [1, 2], {"symbols": 1}),
    "decimal commas": (GERMAN, [11.5, 12.25], {}),
    "decimal commas without names": (GERMAN.partition("\n")[2], [11.5, 12.25], {}),
    "decimal commas in Parquet": (parquet(close=["1,5", "2,25"]), [1.5, 2.25], {}),
    "thousands of India": (closes("1,23,456.5", "12,34,567.5"), [123456.5, 1234567.5], {}),
    "thousands of Switzerland": (closes("1'234.5", "12'345.6"), [1234.5, 12345.6], {}),
    "AM and PM": (days("01/13/2020 09:30 AM", "01/13/2020 01:30 PM"), [1, 2], {}),
    "epochs with a point": (days("1577923200.0", "1577923201.0"), [1, 2], {}),
    "epochs in two units": (days(*EPOCHS), [1, 2, 3], {}),
    "a column without a name": ("date,,close\n2020-01-01,9,1\n2020-01-02,9,2\n", [1, 2],
                                {"ignored_columns": ("",)}),
    "a cell of two lines": (NOTE + '"a\nb"\n2020-01-02,2,c\n', [1, 2], {}),
    "a printed frame": ("    date  close\n0  2020-01-01  1.0\n1  2020-01-02  2.0\n", [1, 2],
                        {"ignored_columns": ("",)}),
    "climbing out of a zip": (zipped({"../../x": BARS}), [11, 12, 13, 14], {"symbols": 1}),
    "two parts in a gzip": ({"x.gz": gzip.compress(TEXT[:60]) + gzip.compress(TEXT[60:])},
                            [11, 12, 13, 14], {}),
    "nested columns aside": (parquet(close=[1, 2], x=[[1], [2]]), [1, 2], {}),
}  # fmt: skip


def _source(folder: Path, files: Files) -> Path:
    named = files if isinstance(files, dict) else {"x.csv": files}
    return next(put(folder / name, content) for name, content in named.items())


@pytest.mark.parametrize(("files", "part"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_table_is_refused_in_one_error(tmp_path: Path, files: Files, part: str) -> None:
    with pytest.raises(UserError) as error:
        read_bars(_source(tmp_path, files), max_gap_days=30)
    message = str(error.value)
    assert part in message
    assert len(message.replace(str(tmp_path), "")) < 1500


@pytest.mark.parametrize(("files", "expected", "reported"), READ.values(), ids=READ.keys())
def test_what_is_a_table_is_read_and_what_is_left_is_told(
    tmp_path: Path, files: Files, expected: list[float], reported: dict[str, object]
) -> None:
    bars = read_bars(_source(tmp_path, files), max_gap_days=30)
    assert as_frame(bars)["close"].tolist() == expected
    assert {name: getattr(bars.report, name) for name in reported} == reported
    untold = {"sorted_rows", "repeated_rows", "empty_rows"} - set(reported)
    assert not any(getattr(bars.report, name) for name in untold)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.csv")
    with pytest.raises(UserError, match="it is neither a file nor a folder"):
        read_bars(tmp_path / "x.csv", max_gap_days=30)
