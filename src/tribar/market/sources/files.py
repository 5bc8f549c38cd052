"""The files of a source: which they are, what they hold, and their checksum."""

import fnmatch
import gzip
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pyarrow as pa

from tribar.errors import UserError, listing
from tribar.market.sources.kinds import DAMAGES, Kind, no_table, table_kind

_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".pq", ".feather", ".arrow", ".ipc")
_PACKED = (".gz", ".zip", ".zst")
_ALLOWED = f"{', '.join(_ENDINGS)}, each also packed ({', '.join(_PACKED)})"
_PICKLES = (".pkl", ".pickle", ".joblib", ".p")
_WILD = set("*?[")
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_LARGEST, _MOST_TIMES = 2**26, 200
"""A file may unpack to 64 MB, or to so many times its size: more is no table of bars."""


@dataclass(frozen=True)
class Content:
    """What one file of a source holds, unpacked.

    Attributes:
        path: the file.
        stem: its name without endings.
        data: its bytes.
        kind: how they are to be read.
        sha256: of the file as it lies there.
    """

    path: Path
    stem: str
    data: bytes
    kind: Kind
    sha256: str


@dataclass(frozen=True)
class Source:
    """The files to read, in order of their names, and the names of those left aside."""

    files: tuple[Path, ...]
    ignored: tuple[str, ...]
    is_folder: bool


def find_files(path: Path, pattern: str = "*") -> Source:
    """Return the files of the source `path`: a file, a folder, or a glob of files.

    In a folder those count whose names fit `pattern` and end as tables do; hidden ones (a leading
    dot or underscore) are no part of it.

    Raises:
        UserError: nothing there, or nothing of an allowed kind.
    """
    if path.is_dir():
        return _find_in_folder(path, pattern)
    if not path.exists() and _WILD & set(str(path)):
        return _find_glob(path)
    if not path.parent.is_dir():
        raise UserError(f"{path}: there is no folder {path.parent}; mend prepare.source")
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; mend prepare.source")
    if not path.is_file():
        raise UserError(f"{path}: it is neither a file nor a folder; mend prepare.source")
    return Source((path,), (), is_folder=False)


def _find_in_folder(folder: Path, pattern: str) -> Source:
    visible = sorted(path for path in folder.iterdir() if path.name[0] not in "._")
    fitting = [one for one in visible if one.is_file() and fnmatch.fnmatchcase(one.name, pattern)]
    tables = [one for one in fitting if _is_table(one)]
    # A text beside tables is somebody's notes.
    named = [one for one in tables if not one.name.lower().endswith(".txt")]
    files = tuple(named or tables)
    ignored = tuple(path.name for path in visible if path not in files)
    if not files:
        found = listing(ignored) or "nothing"
        raise UserError(f"{folder}: no file to read; allowed: {_ALLOWED}; found: {found}")
    return Source(files, ignored, is_folder=True)


def _find_glob(path: Path) -> Source:
    root = Path(path.anchor)
    found = root.glob(str(path.relative_to(root)))
    files = tuple(one for one in sorted(found) if one.is_file())
    if not files:
        raise UserError(f"{path}: no file has such a name; mend prepare.source")
    return Source(files, (), is_folder=True)


def _is_table(path: Path) -> bool:
    name = path.name.lower()
    packed = next((ending for ending in _PACKED if name.endswith(ending)), "")
    return bool(packed == ".zip" or name.removesuffix(packed).endswith(_ENDINGS))


def _stem(name: str) -> str:
    """Return a file's name without the endings of tables and packing.

    >>> _stem("BRK.B.csv.gz")
    'BRK.B'
    """
    for endings in (_PACKED, _ENDINGS):
        name = next((name[: -len(one)] for one in endings if name.lower().endswith(one)), name)
    return name


def read_content(path: Path) -> Content:
    """Return what the file `path` holds.

    Raises:
        UserError: it cannot be read, is empty, or is of a kind that is not read.
    """
    if _NO_TEXT.search(str(path)):
        raise UserError(f"{str(path)!a}: the name has signs that are no text; rename the file")
    try:
        packed = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    data = _unpack(path, packed)
    fault = no_table(data)
    if path.name.lower().removesuffix(".gz").endswith(_PICKLES):
        fault = no_table(b"\x80\x02")
    if fault:
        raise UserError(f"{path}: it is {fault}")
    if not data or data.isspace():
        raise UserError(f"{path}: the file is empty")
    sha256 = hashlib.sha256(packed).hexdigest()
    return Content(path, _stem(path.name), data, table_kind(data), sha256)


def _unpack(path: Path, data: bytes) -> bytes:
    """Return a file's content, which gzip, zip or zstd may have packed."""
    unpackers: dict[bytes, Callable[[bytes], IO[bytes] | pa.NativeFile | None]] = {
        b"\x1f\x8b": lambda packed: gzip.GzipFile(fileobj=io.BytesIO(packed)),
        b"\x28\xb5\x2f\xfd": lambda packed: pa.CompressedInputStream(io.BytesIO(packed), "zstd"),
        b"PK\3\4": lambda packed: _only_member(path, packed),
    }
    unpack = next((one for magic, one in unpackers.items() if data.startswith(magic)), None)
    if unpack is None:
        return data
    most = most_bytes(data)
    try:
        stream = unpack(data)
        unpacked: bytes = data if stream is None else stream.read(most + 1)
    except DAMAGES as error:
        raise UserError(f"{path}: it is damaged ({error}); download or write it again") from None
    if len(unpacked) > most:
        raise UserError(f"{path}: it unpacks to more than {most} bytes, as no table of bars does")
    if stream is not None and unpacked.startswith(tuple(unpackers)):
        raise UserError(f"{path}: it is packed twice; unpack it once")
    return unpacked


def most_bytes(packed: bytes) -> int:
    """Return how many bytes a file may hold when it is unpacked."""
    return max(_LARGEST, _MOST_TIMES * len(packed))


def _only_member(path: Path, data: bytes) -> IO[bytes] | None:
    """Return the one file of a zip archive, None where it is a spreadsheet."""
    if no_table(data):
        return None
    archive = zipfile.ZipFile(io.BytesIO(data))
    names = [one.filename for one in archive.infolist() if not one.is_dir()]
    names = [name for name in names if not name.startswith("__MACOSX/")]
    if len(names) != 1:
        raise UserError(
            f"{path}: the archive holds {len(names)} files ({listing([*map(repr, names)])}); "
            "unpack it into a folder, and name the folder"
        )
    return archive.open(names[0])


def checksum(contents: Mapping[str, str], is_folder: bool) -> str:
    """Return the sha256 of a source from its files' names and sha256, in order of the names.

    It is that of `sha256sum FILE`, or of `sha256sum * | sha256sum` in a folder.
    """
    if not is_folder:
        return next(iter(contents.values()))
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in contents.items())
    return hashlib.sha256(lines.encode()).hexdigest()
