"""When things ran: the command around a stage, and the trials of a study."""

from collections.abc import Iterable
from pathlib import Path

import psutil

from tribar.trial.result import Span


def command_began() -> float:
    """Return when the DVC command around this process began, or, by hand, this process.

    In seconds since the epoch.
    """
    here = psutil.Process()
    try:
        around = next((one for one in here.parents() if _is_dvc(one)), here)
        return float(around.create_time())
    except psutil.Error:
        return float(here.create_time())


def busy_seconds(spans: Iterable[Span]) -> float:
    """Return for how long at least one of the spans was under way.

    >>> busy_seconds([Span(0.0, 2.0), Span(1.0, 3.0), Span(10.0, 11.0)])
    4.0
    """
    total = reached = 0.0
    for began, ended in sorted(spans):
        total += max(0.0, ended - max(began, reached))
        reached = max(reached, ended)
    return total


def _is_dvc(process: psutil.Process) -> bool:
    return any(Path(part).name == "dvc" for part in process.cmdline()[:2])
