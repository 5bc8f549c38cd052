"""What ends a study before its last trial: the clock, or trials that bring nothing better."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal

StoppedBy = Literal["trials", "space", "plateau", "time"]
"""Why a study has no further trial: all were run, all was tried, no progress, or the clock."""

_deadline: ContextVar[float | None] = ContextVar("_deadline", default=None)


class OutOfTimeError(BaseException):
    """The study's time is up; as little a trial's failure as Ctrl-C is."""


@contextmanager
def time_limit(seconds: float | None) -> Iterator[None]:
    """Set when `check_time` raises, on a clock that nobody can set back; None is never."""
    token = _deadline.set(None if seconds is None else time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def check_time() -> None:
    """Do nothing while there is time.

    Raises:
        OutOfTimeError: there is none left.
    """
    left = seconds_left()
    if left is not None and left <= 0:
        raise OutOfTimeError


def seconds_left() -> float | None:
    """Return the time until the limit; None without one."""
    deadline = _deadline.get()
    return None if deadline is None else deadline - time.monotonic()
