"""The environment check: whether another process would compute the same numbers."""

import os
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import tribar
from tribar.errors import one_line
from tribar.files import hash_files
from tribar.runtime import PINS, library_versions


def describe() -> dict[str, str]:
    """Return all of a process that may change a number."""
    pinned = {name: os.environ.get(name, "unset") for name in PINS}
    return {"tribar": f"{tribar.__version__} ({_code()})", **library_versions(), **pinned}


def differences(
    mine: Mapping[str, str], theirs: Mapping[str, str] | Exception, threads: int = 1
) -> Iterator[str]:
    """Yield in what another process differs.

    Args:
        mine: `describe` of this process.
        theirs: `describe` of the other, or the error that it answered with.
        threads: that it computes on.
    """
    if isinstance(theirs, Exception):
        yield f"cannot run tribar ({one_line(theirs)})"
        return
    for name, value in mine.items():
        if theirs.get(name) != value:
            yield f"has {name} {theirs.get(name)} instead of {value}"
    if threads != 1:
        yield f"has {threads} threads instead of 1"


@cache
def _code() -> str:
    """Return a hash of tribar's own files, as they were when it was first asked for."""
    return hash_files(sorted(Path(tribar.__file__).parent.rglob("*.py")))[:8]
