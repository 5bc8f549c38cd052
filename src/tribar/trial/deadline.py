"""When a trial or a study has to end, whatever it has reached."""

import time
from dataclasses import dataclass
from threading import Event
from typing import Self


class OutOfTimeError(BaseException):
    """The study's time is up; as little a trial's failure as Ctrl-C is."""


@dataclass(frozen=True)
class Deadline:
    """A moment, or the end of whoever runs the study, after which nothing goes on.

    Attributes:
        moment: on a clock that nobody can set back; None is never.
        over: ends the time at once when it is set.
    """

    moment: float | None = None
    over: Event | None = None

    @classmethod
    def after(cls, seconds: float | None, over: Event | None = None) -> Self:
        """Return the deadline so many seconds from now; None is never."""
        return cls(None if seconds is None else time.monotonic() + seconds, over)

    @property
    def seconds_left(self) -> float | None:
        """Return the time until the moment, negative after it; None without one."""
        return None if self.moment is None else self.moment - time.monotonic()

    def check(self) -> None:
        """Do nothing while there is time.

        Raises:
            OutOfTimeError: there is none left.
        """
        left = self.seconds_left
        if (self.over and self.over.is_set()) or (left is not None and left <= 0):
            raise OutOfTimeError


NEVER = Deadline()
