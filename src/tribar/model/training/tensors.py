"""Tensors on disk, as safetensors: nothing unpickles."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor


def save_tensors(
    tensors: Mapping[str, Tensor], path: Path, notes: Mapping[str, str] | None = None
) -> None:
    """Write tensors, wherever they are, with notes beside them.

    Raises:
        OSError: the file cannot be written, as on a full disk.
    """
    here = {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}
    try:
        save_file(here, path, dict(notes) if notes else None)
    except SafetensorError as error:
        raise OSError(str(error)) from None
