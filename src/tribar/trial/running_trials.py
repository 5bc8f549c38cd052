"""What a running trial leaves on disk: its networks' progress, and a line an epoch to watch."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from tribar.errors import TRIALS_SAFE
from tribar.files import unwritable_as_user_error
from tribar.trials import PruneCheck

_LOG = "epochs.jsonl"


@dataclass(frozen=True)
class Seen:
    """A running trial, as others see it.

    Attributes:
        number: of the trial.
        step: its newest.
        loss: after that step.
        best: the best so far.
        threshold: what it has to beat; None where nothing is there to compare with.
    """

    number: int
    step: int
    loss: float
    best: float
    threshold: float | None


class Scratch:
    """The folder of one running trial, made anew or taken up from a run that was interrupted.

    Args:
        folder: of all running trials of a study.
        number: of the trial.

    Raises:
        UserError: the folder cannot be written, as on a full disk.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self._folder = folder / str(number)
        with unwritable_as_user_error(self._folder, TRIALS_SAFE):
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / _LOG).unlink(missing_ok=True)

    def member(self, number: int) -> Path:
        """Return the file that keeps a network's progress."""
        return self._folder / f"{number}.safetensors"

    def note(self, loss: float, check: PruneCheck) -> None:
        """Leave a line on the newest step."""
        number = int(self._folder.name)
        seen = Seen(number, check.step, loss, check.value, check.threshold)
        with (
            unwritable_as_user_error(self._folder, TRIALS_SAFE),
            (self._folder / _LOG).open("a") as file,
        ):
            file.write(json.dumps(asdict(seen)) + "\n")


def clear(folder: Path, number: int) -> None:
    """Drop what a finished trial has left."""
    shutil.rmtree(folder / str(number), ignore_errors=True)


def look(folder: Path) -> Iterator[Seen]:
    """Yield the newest step of each running trial, in the order of their numbers."""
    for log in sorted(folder.glob(f"*/{_LOG}"), key=lambda path: int(path.parent.name)):
        try:
            *_, last, _ = log.read_text().split("\n")
            yield Seen(**json.loads(last))
        except (OSError, ValueError):  # it finishes, or writes, at this very moment
            continue
