"""Files that a reader finds whole or not at all, after a power cut too."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from tribar.errors import UserError


@contextmanager
def whole_file(path: Path, kept: str = "", several: bool = False) -> Iterator[Path]:
    """Yield a file to write that takes the place of `path` once it is whole and on the disk.

    Args:
        path: of the file; its folder is made.
        kept: what is safe where it cannot be written.
        several: whether processes may write it at once; the last to end stays.

    Raises:
        UserError: it cannot be written, as on a full disk.
    """
    part = path.with_name(f".{path.name}.{f'{uuid4().hex}.' if several else ''}part")
    with unwritable_as_user_error(path, kept):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder that takes the place of `path` once the block has ended well.

    Raises:
        UserError: it cannot be written, as on a full disk.
    """
    with unwritable_as_user_error(path):
        place = path.resolve()  # a link leads to another disk, and stays
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=place.parent) as temporary:
            part = Path(temporary) / path.name
            part.mkdir()
            yield part
            if place.exists():
                shutil.rmtree(place)
            part.replace(place)


@contextmanager
def unwritable_as_user_error(path: Path, kept: str = "") -> Iterator[None]:
    """Turn whatever the operating system refuses while a file is written into a user's error.

    Args:
        path: of the file or folder.
        kept: what is safe nevertheless.

    Raises:
        UserError: the block ends with an error of the operating system.
    """
    try:
        yield
    except OSError as error:
        is_taken = isinstance(error, FileExistsError | NotADirectoryError | IsADirectoryError)
        remedy = "move away what has its name" if is_taken else "make room or mend the permissions"
        raise UserError(
            f"{path}: cannot be written ({error.strerror or error}); {kept and f'{kept}: '}"
            f"{remedy}, then run the same command again"
        ) from None


def hash_text(text: str) -> str:
    """Return the sha256 of a text in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def hash_folder(folder: Path) -> str:
    """Return one sha256 over the files of a folder."""
    return hash_files(sorted(path for path in folder.iterdir() if path.is_file()))


def hash_code(root: Path, names: Sequence[str]) -> str:
    """Return one sha256 over Python files and whole folders of them, by their paths from `root`."""
    found = [
        path
        for name in names
        for path in ((root / name).rglob("*.py") if (root / name).is_dir() else [root / name])
    ]
    return hash_files(sorted(found), root)


def hash_files(paths: Sequence[Path], root: Path | None = None) -> str:
    """Return one sha256 over the contents of files and their names, or their paths from `root`."""
    digest = hashlib.sha256()
    for path in paths:
        name = path.relative_to(root).as_posix() if root else path.name
        digest.update(name.encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
