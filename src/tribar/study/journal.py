"""The journal of a study: one append-only file, checksummed line by line, one writer at a time."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tribar.errors import TRIALS_SAFE, UserError, listing
from tribar.files import unwritable_as_user_error
from tribar.trial.result import Span
from tribar.trials import TrialRow

FORMAT = 4
_EARLIER = (2, 3)
_DIGITS = 16
_SPAN = "span"
"""Stands in a line beside the row."""


class Journal:
    """Rows of finished trials, safe against being killed at any moment.

    A line is the first digits of the sha256 of its JSON, a space and the JSON; it is on the disk
    before the trial counts as finished. The first line tells the format. Open it with
    `open_journal`, which holds the lock.

    Attributes:
        folder: that it lies in.
        rows: the finished trials, by number.
        spans: when those trials ran of which it is known, by number; they decide nothing.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path, self.folder = path, path.parent
        self._say = say
        if not path.exists() or path.stat().st_size == 0:
            self._write({"format": FORMAT})
        self._mend()
        found = _read(path)
        self.rows = {row.number: row for row, _ in found}
        self.spans = {row.number: span for row, span in found if span}

    def append(self, row: TrialRow, span: Span | None = None) -> None:
        """Write a finished trial, and when it ran, and wait until it is on the disk."""
        self._write({**row.to_json(), **({_SPAN: span} if span else {})})
        self.rows[row.number] = row
        if span:
            self.spans[row.number] = span

    def _mend(self) -> None:
        """Drop a last line that a killed process left unfinished."""
        with unwritable_as_user_error(self._path, TRIALS_SAFE):
            lines = self._path.read_bytes().splitlines(keepends=True)
            if _decode(lines[-1]) is not None:
                return
            os.truncate(self._path, len(b"".join(lines[:-1])))
        self._say(
            f"journal: line {len(lines)} was cut short by an interruption; its trial runs again"
        )
        if len(lines) == 1:
            self._write({"format": FORMAT})

    def _write(self, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, sort_keys=True)
        line = f"{_digest(text)} {text}\n".encode()
        with unwritable_as_user_error(self._path, TRIALS_SAFE), self._path.open("ab") as file:
            file.write(line)
            # Unbuffered, a disk that is nearly full would take a part of it without a word.
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def open_journal(folder: Path, say: Callable[[str], None]) -> Iterator[Journal]:
    """Yield the journal in `folder`, made if missing, while holding its lock.

    Waits for another process that holds the lock, after saying which one it is.

    Raises:
        UserError: the folder cannot be written, or the journal is damaged or of another format.
    """
    with unwritable_as_user_error(folder):
        folder.mkdir(parents=True, exist_ok=True)
        # Unbuffered, a name that a full disk refuses is not tried again when the file is closed.
        lock = (folder / "lock").open("ab+", buffering=0)
    with lock:
        _acquire(lock.fileno(), folder / "lock", say)
        with unwritable_as_user_error(folder):
            lock.truncate(0)
            lock.write(f"process {os.getpid()}".encode())
        yield Journal(folder / "journal.jsonl", say)


def read_rows(path: Path) -> dict[int, TrialRow]:
    """Return the finished trials of a journal by number, also while another process writes it.

    Raises:
        UserError: the journal cannot be read, is damaged or of another format.
    """
    return {row.number: row for row, _ in _read(path)}


def _read(path: Path) -> list[tuple[TrialRow, Span | None]]:
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    contents = [_decode(line) for line in lines]
    if contents and contents[-1] is None:  # being written at this moment, or cut by a kill
        contents.pop()
    if None in contents:
        raise UserError(
            f"{path}: line {contents.index(None) + 1} is damaged, and lines follow it, so this is "
            "no interrupted write; restore the file from a copy, or delete its folder to start "
            "the study anew"
        )
    _check_format(path, contents[0] if contents else {"format": FORMAT})
    found = [(content.pop(_SPAN, None), content) for content in contents[1:] if content]
    return [(TrialRow.from_json(content), span and Span(*span)) for span, content in found]


def _check_format(path: Path, header: Mapping[str, Any] | None) -> None:
    found = (header or {}).get("format")
    if found not in (*_EARLIER, FORMAT):
        raise UserError(
            f"{path}: journal format {found}, this version reads formats "
            f"{listing([*_EARLIER, FORMAT])}; update tribar, or delete the folder to start the "
            "study anew"
        )


def _acquire(descriptor: int, path: Path, say: Callable[[str], None]) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say(f"study: waiting for {path.read_text() or 'another process'}, which holds {path}")
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def _decode(line: bytes) -> dict[str, Any] | None:
    """Return a line's content; None where it does not match its checksum."""
    digest, _, text = line.decode(errors="replace").rstrip("\n").partition(" ")
    if not line.endswith(b"\n") or digest != _digest(text):
        return None
    content: dict[str, Any] = json.loads(text)
    return content
