"""The error that a user sees: one message, no traceback."""

import difflib
from collections.abc import Sequence

TRIALS_SAFE = "finished trials are safe"


class UserError(Exception):
    """Something the user can mend: says what is wrong, where, what is allowed and what to do."""

    exit_code = 2


class StudyError(UserError):
    """A study that ended without a completed trial."""

    exit_code = 3


class InterruptedStageError(UserError):
    """Ctrl-C: the user's wish, with what it leaves behind."""

    exit_code = 130

    def __init__(self, kept: str | None) -> None:
        on = f" and finished {kept} are saved: the same command goes on from them"
        again = ": the same command begins again"
        super().__init__(f"interrupted; no output was touched{on if kept else again}")


def one_line(error: BaseException) -> str:
    r"""Return an error's kind and the first line of what it, or what caused it, says.

    >>> one_line(ValueError("not a number\nand more"))
    'ValueError: not a number'
    """
    text = str(error.__cause__ or error).strip()
    return f"{type(error).__name__}: {text.partition(chr(10))[0]}"


def listing(items: Sequence[object], most: int = 5) -> str:
    """Return the first `most` items as text, with the number of those left out.

    >>> listing([3, 1, 2], most=2)
    '3, 1 and 1 more'
    """
    shown = ", ".join(str(item) for item in items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return a hint at the known name most like an unknown one; empty where none is like it.

    >>> did_you_mean("hiden_dim", ["hidden_dim", "heads"])
    '; did you mean hidden_dim?'
    """
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""
