"""Running out of memory, told by what it was that did not fit."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

_NO_ROOM = ("can't allocate memory", "ALLOC_FAILED")
"""What torch on a CPU, and what cuBLAS and cuDNN, say of it in an error of no type of its own."""


class OutOfMemoryError(RuntimeError):
    """A batch, or the rows, did not fit."""


@contextmanager
def room_for(what: str) -> Iterator[None]:
    """Say what it was that did not fit into memory.

    Raises:
        OutOfMemoryError: the block ran out of it.
    """
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        is_it = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if is_it or any(sign in str(error) for sign in _NO_ROOM):
            raise OutOfMemoryError(f"out of memory in {what}") from None
        raise
