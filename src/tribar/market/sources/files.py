"""The files of a source: which they are, what they hold, and their checksum."""

import gzip
import hashlib
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tribar.errors import UserError, listing

_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_MAGIC = {".csv": b"", ".csv.gz": _GZIP, ".parquet": _PARQUET}
_KINDS = {b"": "neither gzip nor Parquet", _GZIP: "gzip", _PARQUET: "Parquet"}
_ALLOWED = ", ".join(_MAGIC)


@dataclass(frozen=True)
class Content:
    """What one file of a source holds, gzip undone; its stem is its name without the ending."""

    path: Path
    stem: str
    data: bytes
    is_parquet: bool
    sha256: str


@dataclass(frozen=True)
class Source:
    """The files to read, in order of their names, and the names of those left aside."""

    files: tuple[Path, ...]
    ignored: tuple[str, ...]
    is_folder: bool


def find_files(path: Path) -> Source:
    """Return the files of the source `path`: itself, or those of a folder with an allowed ending.

    Hidden files (a leading dot or underscore) are no part of a folder.

    Raises:
        UserError: nothing there, or nothing of an allowed kind.
    """
    if path.is_dir():
        return _find_in_folder(path)
    if not path.parent.is_dir():
        raise UserError(f"{path}: there is no folder {path.parent}; mend prepare.source")
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; mend prepare.source")
    if not _ending(path):
        raise UserError(
            f"{path}: not a kind of file that prepare reads; allowed: {_ALLOWED}. Nothing is "
            "unpickled: docs/data.md has the lines that convert a pickle"
        )
    return Source((path,), (), is_folder=False)


def _find_in_folder(folder: Path) -> Source:
    visible = sorted(path for path in folder.iterdir() if path.name[0] not in "._")
    files = tuple(path for path in visible if _ending(path) and path.is_file())
    ignored = tuple(path.name for path in visible if path not in files)
    if not files:
        found = listing(ignored) or "nothing"
        raise UserError(f"{folder}: no file to read; allowed: {_ALLOWED}; found: {found}")
    return Source(files, ignored, is_folder=True)


def _ending(path: Path) -> str:
    """Return the allowed ending that a file's name has, or nothing."""
    name = path.name.lower()
    return next((ending for ending in _MAGIC if name.endswith(ending)), "")


def read_content(path: Path) -> Content:
    """Return what the file `path` holds.

    Raises:
        UserError: it cannot be read, is empty, or is no such file as its ending says.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    sha256 = hashlib.sha256(data).hexdigest()
    ending = _ending(path)
    magic = next((magic for magic in (_GZIP, _PARQUET) if data.startswith(magic)), b"")
    if data and magic != _MAGIC[ending]:
        raise UserError(
            f"{path}: its content is {_KINDS[magic]}, unlike its name; "
            "download or write it again, or name it for what it is"
        )
    if magic == _GZIP:
        data = _decompress(path, data)
    if not data or data.isspace():
        raise UserError(f"{path}: the file is empty")
    return Content(path, path.name[: -len(ending)], data, magic == _PARQUET, sha256)


def _decompress(path: Path, data: bytes) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise UserError(f"{path}: damaged gzip ({error}); download or write it again") from None


def checksum(contents: Mapping[str, str], is_folder: bool) -> str:
    """Return the sha256 of a source from its files' names and sha256, in order of the names.

    It is that of `sha256sum FILE`, or of `sha256sum * | sha256sum` in a folder.
    """
    if not is_folder:
        return next(iter(contents.values()))
    lines = "".join(f"{sha256}  {name}\n" for name, sha256 in contents.items())
    return hashlib.sha256(lines.encode()).hexdigest()
