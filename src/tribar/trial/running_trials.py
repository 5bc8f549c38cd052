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
class TrialStatus:
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


class CheckpointFolder:
    """The folder of one running trial, made anew or taken up from a run that was interrupted.

    Args:
        folder: of all running trials of a study.
        number: of the trial.

    Raises:
        UserError: the folder cannot be written, as on a full disk.
    """

    def __init__(self, folder: Path, number: int) -> None:
        self._folder, self._number = folder / str(number), number
        with unwritable_as_user_error(self._folder, TRIALS_SAFE):
            self._folder.mkdir(parents=True, exist_ok=True)
            (self._folder / _LOG).unlink(missing_ok=True)

    def file(self, replica: int) -> Path:
        """Return the file that keeps a network's progress."""
        return self._folder / f"{replica}.safetensors"

    def write_status(self, loss: float, check: PruneCheck) -> None:
        """Append a line on the newest step."""
        status = TrialStatus(self._number, check.step, loss, check.value, check.threshold)
        with (
            unwritable_as_user_error(self._folder, TRIALS_SAFE),
            (self._folder / _LOG).open("a") as file,
        ):
            file.write(json.dumps(asdict(status)) + "\n")


def delete_checkpoints(folder: Path, number: int) -> None:
    """Delete what a finished trial has left."""
    shutil.rmtree(folder / str(number), ignore_errors=True)


def read_statuses(folder: Path) -> Iterator[TrialStatus]:
    """Yield the newest step of each running trial, in the order of their numbers."""
    for log in sorted(folder.glob(f"*/{_LOG}"), key=lambda path: int(path.parent.name)):
        try:
            *_, last, _ = log.read_text().split("\n")
            yield TrialStatus(**json.loads(last))
        except (OSError, ValueError):  # it finishes, or writes, at this very moment
            continue
