"""The journal of a study: one append-only file, checksummed line by line, one writer at a time."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tribar.errors import UserError
from tribar.tuning.trial import TrialRow

FORMAT = 2
_DIGITS = 16


class Journal:
    """Rows of finished trials, safe against being killed at any moment.

    A line is the first digits of the sha256 of its JSON, a space and the JSON; it is on the disk
    before the trial counts as finished. The first line tells the format. Open it with
    `open_journal`, which holds the lock.

    Attributes:
        rows: the finished trials, by number.
    """

    def __init__(self, path: Path, say: Callable[[str], None]) -> None:
        self._path = path
        self._say = say
        self.rows: dict[int, TrialRow] = {}
        if not path.exists() or path.stat().st_size == 0:
            self._write({"format": FORMAT})
        self._read()

    def append(self, row: TrialRow) -> None:
        """Write a finished trial and wait until it is on the disk."""
        self._write(row.to_json())
        self.rows[row.number] = row

    def _read(self) -> None:
        lines = self._path.read_bytes().splitlines(keepends=True)
        contents = [_decode(line) for line in lines]
        if contents[-1] is None:
            self._cut(len(b"".join(lines[:-1])), len(lines))
            contents.pop()
        damaged = [number for number, content in enumerate(contents, 1) if content is None]
        if damaged:
            raise UserError(
                f"{self._path}: line {damaged[0]} is damaged, and lines follow it, so this is no "
                "interrupted write; restore the file from a copy, or delete its folder to start "
                "the study anew"
            )
        self._check_format(contents[0] if contents else {"format": FORMAT})
        rows = [TrialRow.from_json(content) for content in contents[1:] if content]
        self.rows = {row.number: row for row in rows}
        if not contents:
            self._write({"format": FORMAT})

    def _cut(self, size: int, line: int) -> None:
        """Drop a last line that a killed process left unfinished."""
        os.truncate(self._path, size)
        self._say(f"journal: line {line} was cut short by an interruption; its trial runs again")

    def _check_format(self, header: Mapping[str, Any] | None) -> None:
        found = (header or {}).get("format")
        if found != FORMAT:
            raise UserError(
                f"{self._path}: journal format {found}, this version reads format {FORMAT}; "
                "update tribar, or delete the folder to start the study anew"
            )

    def _write(self, content: Mapping[str, Any]) -> None:
        text = json.dumps(content, sort_keys=True)
        line = f"{_digest(text)} {text}\n".encode()
        try:
            with self._path.open("ab", buffering=0) as file:
                file.write(line)
                os.fsync(file.fileno())
        except OSError as error:
            raise UserError(
                f"{self._path}: cannot be written ({error.strerror}); finished trials are safe: "
                "make room or mend the permissions, then run the same command again"
            ) from None


@contextmanager
def open_journal(folder: Path, say: Callable[[str], None]) -> Iterator[Journal]:
    """Yield the journal in `folder`, made if missing, while holding its lock.

    Waits for another process that holds the lock, after saying which one it is.

    Raises:
        UserError: the folder cannot be written, or the journal is damaged or of another format.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("a+")
    except OSError as error:
        raise UserError(
            f"{folder}: cannot be written ({error.strerror}); the study is kept there"
        ) from None
    with lock:
        _acquire(lock.fileno(), folder / "lock", say)
        lock.truncate(0)
        lock.write(f"process {os.getpid()}")
        lock.flush()
        yield Journal(folder / "journal.jsonl", say)


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
