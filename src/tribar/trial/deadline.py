"""What ends a study before its last trial: the clock, or trials that bring nothing better."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Event
from typing import Literal

StoppedBy = Literal["trials", "space", "plateau", "time"]
"""Why a study has no further trial: all were run, all was tried, no progress, or the clock."""

_deadline: ContextVar[float | None] = ContextVar("_deadline", default=None)
_over: ContextVar[Event | None] = ContextVar("_over", default=None)


class OutOfTimeError(BaseException):
    """The study's time is up; as little a trial's failure as Ctrl-C is."""


@contextmanager
def time_limit(seconds: float | None, over: Event | None = None) -> Iterator[None]:
    """Set when `check_time` raises.

    Args:
        seconds: from now, on a clock that nobody can set back; None is never.
        over: ends the time at once when it is set.
    """
    deadline = _deadline.set(None if seconds is None else time.monotonic() + seconds)
    event = _over.set(over)
    try:
        yield
    finally:
        _deadline.reset(deadline)
        _over.reset(event)


def check_time() -> None:
    """Do nothing while there is time.

    Raises:
        OutOfTimeError: there is none left.
    """
    left, over = seconds_left(), _over.get()
    if (over and over.is_set()) or (left is not None and left <= 0):
        raise OutOfTimeError


def seconds_left() -> float | None:
    """Return the time until the limit; None without one."""
    deadline = _deadline.get()
    return None if deadline is None else deadline - time.monotonic()
