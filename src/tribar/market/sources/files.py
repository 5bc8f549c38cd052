"""The files of a source: which they are, what they hold, and their checksum."""

import gzip
import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tribar.errors import UserError, listing

_GZIP, _PARQUET = b"\x1f\x8b", b"PAR1"
_MAGIC = {".csv": b"", ".csv.gz": _GZIP, ".parquet": _PARQUET}
_KINDS = {b"": "neither gzip nor Parquet", _GZIP: "gzip", _PARQUET: "Parquet"}
_ALLOWED = ", ".join(_MAGIC)
_COMPRESSIONS = {".gz", ".bz2", ".xz", ".zst", ".zip"}
_LOADERS = {
    ".pkl": ("import pandas as pd", "pd.read_pickle({file!r})"),
    ".joblib": ("import joblib, pandas as pd", "pd.DataFrame(joblib.load({file!r}))"),
    ".npy": (
        "import numpy as np, pandas as pd",
        "pd.DataFrame(np.load({file!r}, allow_pickle=True))",
    ),
}
_SAME_LOADER = {".pickle": ".pkl", ".npz": ".npy"}
# Protocols 2 and above begin with their number; 0 and 1 with a class, a dictionary or a list.
_PICKLE = re.compile(rb"\x80[\x02-\x05]|c(?:copy_?reg|pandas|numpy)[\w.]*\n|\([dl]p0\n|[}\]]q\x00")
_NUMPY = b"\x93NUMPY"


@dataclass(frozen=True)
class Content:
    """What one file of a source holds, gzip undone."""

    path: Path
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
    """Return the files of the source `path`: itself, or those of a folder with a known suffix.

    Hidden files (a leading dot or underscore) are no part of a folder.

    Raises:
        UserError: nothing there, nothing usable, or a pickle.
    """
    if path.is_dir():
        return _find_in_folder(path)
    if not path.parent.is_dir():
        raise UserError(f"{path}: there is no folder {path.parent}; mend prepare.source")
    if not path.exists():
        raise UserError(f"{path}: no such file or folder; mend prepare.source")
    _refuse_pickle_suffix(path)
    if not _suffix(path):
        raise UserError(f"{path}: not a kind of file that prepare reads; allowed: {_ALLOWED}")
    return Source((path,), (), is_folder=False)


def _find_in_folder(folder: Path) -> Source:
    visible = sorted(path for path in folder.iterdir() if path.name[0] not in "._")
    for path in visible:
        _refuse_pickle_suffix(path)
    files = tuple(path for path in visible if _suffix(path) and path.is_file())
    ignored = tuple(path.name for path in visible if path not in files)
    if not files:
        found = listing(ignored) or "nothing"
        raise UserError(f"{folder}: no file to read; allowed: {_ALLOWED}; found: {found}")
    return Source(files, ignored, is_folder=True)


def stem(path: Path) -> str:
    """Return a file's name without its suffix.

    >>> stem(Path("bars/BRK.B.csv.gz"))
    'BRK.B'
    """
    return path.name[: -len(_suffix(path))]


def _suffix(path: Path) -> str:
    """Return the known suffix of a file's name, as the name spells it, or nothing."""
    name = path.name.lower()
    known = next((suffix for suffix in _MAGIC if name.endswith(suffix)), "")
    return path.name[-len(known) :] if known else ""


def read_content(path: Path) -> Content:
    """Return what the file `path` holds.

    Raises:
        UserError: it cannot be read, is empty, is no such file as its suffix says, or a pickle.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    sha256 = hashlib.sha256(data).hexdigest()
    _refuse_pickle_content(path, data)
    magic = next((magic for magic in (_GZIP, _PARQUET) if data.startswith(magic)), b"")
    if data and magic != _MAGIC[_suffix(path).lower()]:
        raise UserError(
            f"{path}: its content is {_KINDS[magic]}, unlike its name; "
            "download or write it again, or name it for what it is"
        )
    if magic == _GZIP:
        data = _decompress(path, data)
        _refuse_pickle_content(path, data)
    if not data or data.isspace():
        raise UserError(f"{path}: the file is empty")
    return Content(path, data, magic == _PARQUET, sha256)


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


def _refuse_pickle_suffix(path: Path) -> None:
    suffixes = [suffix.lower() for suffix in path.suffixes[-2:]]
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ""
    kind = _SAME_LOADER.get(kind, kind)
    if kind in _LOADERS:
        _refuse_pickle(path, kind)


def _refuse_pickle_content(path: Path, data: bytes) -> None:
    if data.startswith(_NUMPY):
        _refuse_pickle(path, ".npy")
    if _PICKLE.match(data):
        _refuse_pickle(path, ".pkl")


def _refuse_pickle(path: Path, kind: str) -> None:
    first, frame = _LOADERS[kind]
    target = f"{path.name.split('.')[0]}.parquet"
    raise UserError(
        f"{path}: a pickle can run any program when it is opened, so it is not read; "
        "if you trust its origin, convert it once:\n"
        f"  {first}\n  {frame.format(file=path.name)}.to_parquet({target!r})"
    )
