"""The bytes of a text file as UTF-8."""

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

from tribar.errors import UserError
from tribar.market.sources.files import Content

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_CANDIDATES = ["cp949", "gb18030", "cp932", "big5", "cp1252", "cp1250", "cp1251"]
_SAMPLE = 100_000


@dataclass(frozen=True)
class Text:
    """A text file in UTF-8, without a byte order mark, and the encoding that it is written in."""

    content: Content
    data: bytes
    encoding: str


def read_text(content: Content, encoding: str) -> Text:
    """Return a file's text; the encoding `auto` is told by a mark, by UTF-8 itself, or guessed.

    Raises:
        UserError: the encoding is unknown, or the file is not written in it.
    """
    data = content.data
    if encoding != "auto":
        return Text(content, _decode(content, encoding), encoding)
    marked = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "")
    if marked:
        return Text(content, _decode(content, marked), marked)
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        guessed = _guess(data)
    else:
        return Text(content, _refuse_binary(content, data), "utf-8")
    return Text(content, _decode(content, guessed), guessed)


def _guess(data: bytes) -> str:
    """Return the encoding that a library takes a text for, UTF-8 where it knows none.

    A text half of whose lines are UTF-8 is damaged, or two texts in one.
    """
    telling = [line for line in data[:_SAMPLE].splitlines() if not line.isascii()]
    if 2 * sum(map(_is_utf8, telling)) >= len(telling):
        return "utf-8"
    found = from_bytes(b"\n".join(telling), cp_isolation=_CANDIDATES, threshold=1.0).best()
    return "utf-8" if found is None else found.encoding


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decode(content: Content, encoding: str) -> bytes:
    try:
        text = content.data.decode(encoding)
    except UnicodeDecodeError as error:
        line = len(content.data[: error.start + 1].splitlines())
        raise UserError(
            f"{content.path}: line {line} is not {encoding.upper()} text; save the file in UTF-8, "
            "or set prepare.read.encoding"
        ) from None
    except LookupError:
        raise UserError(
            f"prepare.read.encoding: {encoding!r} is unknown; write auto, utf-8, cp1252, ..."
        ) from None
    return _refuse_binary(content, text.encode())


def _refuse_binary(content: Content, data: bytes) -> bytes:
    if b"\0" in data:
        raise UserError(
            f"{content.path}: it is no text, and neither Parquet nor Arrow; "
            "write the table as CSV or Parquet"
        )
    return data
