"""The studies on disk: finding, telling apart and deleting them."""

import fcntl
import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tribar.errors import UserError, listing
from tribar.outputs.workspace import TRIALS, TUNE
from tribar.study.journal import read_rows
from tribar.trial.config import ObjectiveParams
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trials import Direction, TrialRow, from_lines

PARTS = "identity.json"
_PLACES = {
    "seed": "base.seed",
    "space": "tune",
    "sampler": "tune.sampler",
    "pruner": "tune.pruner",
    "objective": "tune.objective",
    "study": "tune",
}
"""Where a part of the identity stands in params.yaml, if not under its own name."""
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True)
class StoredStudy:
    """A study as its folder keeps it.

    Attributes:
        folder: named by the study's identity.
        parts: of the identity; empty where they were never written.
        written: when the journal changed last, in seconds since the epoch.
    """

    folder: Path
    parts: Mapping[str, str]
    written: float

    @property
    def digest(self) -> str:
        """Return the identity."""
        return self.folder.name

    @property
    def direction(self) -> Direction:
        """Return the way in which the study's value is better."""
        objective = self.parts.get("objective")
        if not objective:
            return Direction.MINIMIZE
        return ObjectiveSpec.of(ObjectiveParams.model_validate_json(objective)).direction

    def rows(self) -> tuple[TrialRow, ...]:
        """Return the finished trials in the order of their numbers.

        Raises:
            UserError: the journal is damaged or of another format.
        """
        rows = read_rows(self.folder / "journal.jsonl")
        return tuple(rows[number] for number in sorted(rows))


@dataclass(frozen=True)
class CommittedStudy(StoredStudy):
    """A study of which this machine has the results alone; the folder is theirs."""

    @property
    def digest(self) -> str:
        """Return where it lies: the results do not tell the identity."""
        return TUNE.as_posix()

    def rows(self) -> tuple[TrialRow, ...]:
        """Return the trials in the order of their numbers."""
        return from_lines((self.folder / TRIALS.name).read_text(encoding="utf-8"))


def find_studies(folder: Path) -> tuple[StoredStudy, ...]:
    """Return the studies that `folder` holds, the one written last first."""
    journals = [(path.stat().st_mtime, path.parent) for path in folder.glob("*/journal.jsonl")]
    return tuple(
        StoredStudy(path, _parts(path), written) for written, path in sorted(journals, reverse=True)
    )


def find_study(studies: Sequence[StoredStudy], prefix: str) -> StoredStudy:
    """Return the one study whose identity begins with `prefix`.

    Raises:
        UserError: there is none, or more than one.
    """
    found = [study for study in studies if study.digest.startswith(prefix)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"study {prefix!r}: may be {names(found)}; write more of its digits")
    raise UserError(f"study {prefix!r}: no such study; there are {names(studies)}")


def winner_of(metrics: Path, rows: Sequence[TrialRow]) -> int | None:
    """Return the trial that won by the metrics of tune; None where they are of another study."""
    try:
        found = json.loads(metrics.read_text(encoding="utf-8"))
        winner = (found["best_trial"], found["best_value"])
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return winner[0] if any((row.number, row.value) == winner for row in rows) else None


def names(studies: Sequence[StoredStudy]) -> str:
    """Return the identities as text."""
    return listing([study.digest for study in studies])


def changes(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """Return what tells two identities apart: a parameter with both values, or a part's name.

    >>> changes({"seed": "1", "study": '{"lag": 1}'}, {"seed": "2", "study": '{"lag": 4}'})
    ['base.seed: 1 -> 2', 'tune.lag: 1 -> 4']
    """
    return [
        change
        for part in dict.fromkeys([*before, *after])
        for change in _changes(_PLACES.get(part, part), _value(before, part), _value(after, part))
    ]


def why_new(digest: str, parts: Mapping[str, str], others: Sequence[StoredStudy]) -> str | None:
    """Return why a study is a new one: what changed since the newest other that is known.

    Args:
        digest: identity of the new study.
        parts: of that identity.
        others: studies on disk, the one written last first.
    """
    last = next((one for one in others if one.parts and one.digest != digest), None)
    changed = changes(last.parts, parts) if last else []
    if not last or not changed:
        return None
    return f"study {digest} is new; changed since study {last.digest}: {listing(changed)}"


def delete(study: StoredStudy) -> int | None:
    """Delete a study's folder; return its size in bytes, None where a process works on it.

    Raises:
        UserError: the folder cannot be deleted.
    """
    size = sum(path.stat().st_size for path in study.folder.rglob("*") if path.is_file())
    try:
        with (study.folder / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(study.folder)
    except BlockingIOError:
        return None
    except OSError as error:
        raise UserError(f"{study.folder}: cannot be deleted ({error.strerror})") from None
    return size


def _parts(folder: Path) -> dict[str, str]:
    try:
        parts: dict[str, str] = json.loads((folder / PARTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return parts


def _value(parts: Mapping[str, str], part: str) -> object:
    """Return a part's content: parsed where it is JSON, None where it is missing."""
    text = parts.get(part)
    try:
        return text if text is None or _HASH.fullmatch(text) else json.loads(text)
    except ValueError:
        return text


def _changes(name: str, before: object, after: object) -> Iterator[str]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for key in dict.fromkeys([*before, *after]):
            yield from _changes(f"{name}.{key}", before.get(key), after.get(key))
    elif isinstance(before, dict) or isinstance(after, dict):
        yield f"{name} {'gone' if after is None else 'new' if before is None else 'changed'}"
    elif any(isinstance(one, str) and _HASH.fullmatch(one) for one in (before, after)):
        yield name
    else:
        yield f"{name}: {_text(before)} -> {_text(after)}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
