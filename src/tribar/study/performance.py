"""The performance of a study's trials: a file a trial beside the journal, and one of the times."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tribar.errors import TRIALS_SAFE, UserError
from tribar.files import whole_file
from tribar.trial.result import Performance


def write_performance(study: Path, number: int, performance: Performance) -> None:
    """Write a trial's performance into the folder of its journal, and wait until it is on the disk.

    Raises:
        UserError: it cannot be written, as on a full disk.
    """
    if not _times(study).exists():
        _write(_times(study), performance.times)
    _write(_values(study, number), performance.values)


def read_performance(study: Path, number: int) -> Performance | None:
    """Return the performance of a finished trial.

    None where it has none: it failed, its objective has no decisions, or an earlier version or
    another study, whose trials were imported, ran it.

    Args:
        study: folder of the journal.
        number: of the trial.

    Raises:
        UserError: a file cannot be read or is damaged.
    """
    path = _values(study, number)
    if not path.exists():
        return None
    try:
        times, values = (np.load(one, allow_pickle=False) for one in (_times(study), path))
    except (OSError, EOFError, ValueError) as error:
        raise UserError(
            f"{path.parent}: the performance of trial {number} cannot be read ({error}); restore "
            f"the folder from a copy, or delete {study} to start the study anew"
        ) from None
    return Performance(times, values)


def _times(study: Path) -> Path:
    return study / "performance/times.npy"


def _values(study: Path, number: int) -> Path:
    return study / f"performance/{number}.npy"


def _write(path: Path, content: NDArray[Any]) -> None:
    with whole_file(path, TRIALS_SAFE) as part, part.open("wb") as file:
        np.save(file, content, allow_pickle=False)
