"""Files of a study that a reader finds whole or not at all, after a power cut too."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from safetensors import SafetensorError

from tribar.errors import TRIALS_SAFE, unwritable


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Yield a file to write that takes the place of `path` once it is whole and on the disk.

    Several processes may write the same one at once: the last to end stays.

    Raises:
        UserError: it cannot be written, as on a full disk.
    """
    part = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, SafetensorError) as error:
        raise unwritable(path, error, TRIALS_SAFE) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
