"""Running out of memory, as an error that names what did not fit."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

_SIGNS = ("can't allocate memory", "ALLOC_FAILED")
"""What torch on a CPU, and what cuBLAS and cuDNN, say of it in an error of no type of its own."""


class OutOfMemoryError(RuntimeError):
    """A batch, or the rows, did not fit."""


@contextmanager
def oom_guard(what: str) -> Iterator[None]:
    """Name what did not fit where the block runs out of memory.

    Raises:
        OutOfMemoryError: it did.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        is_it = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if is_it or any(sign in str(error) for sign in _SIGNS):
            raise OutOfMemoryError(f"out of memory in {what}") from None
        raise
