"""What a result may depend on beside data and parameters: threads, device, seeds, versions."""

import hashlib
import os
from importlib.metadata import version

from tribar.errors import UserError

PINS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "AVX2",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
"""Threads and instruction sets are part of a floating-point result: the same everywhere."""

PORTABLE_PINS = {
    **PINS,
    "ATEN_CPU_CAPABILITY": "default",
    "ONEDNN_MAX_CPU_ISA": "SSE41",
    "MKL_CBWR": "COMPATIBLE",
    "OPENBLAS_CORETYPE": "Nehalem",
}
"""What every x86-64 processor has, under `TRIBAR_PORTABLE=1`: slower, and alike on more of them."""

LIBRARIES = ("numba", "numpy", "optuna", "pandas", "scikit-learn", "scipy", "torch")
"""The libraries whose version can change a number."""


def pins() -> dict[str, str]:
    """Return the environment that fixes threads and instruction sets.

    Raises:
        UserError: `TRIBAR_PORTABLE` is neither 0 nor 1.
    """
    wanted = os.environ.get("TRIBAR_PORTABLE", "0")
    if wanted not in ("", "0", "1"):
        raise UserError(f"TRIBAR_PORTABLE: {wanted!r}; write 1 for the strictest pins, or unset it")
    return PORTABLE_PINS if wanted == "1" else PINS


def pin() -> None:
    """Fix threads and instruction sets; call before the first import of numpy or torch."""
    os.environ.update(pins())


def open_device(wanted: str, amp: bool = False) -> str:
    """Make torch deterministic; return the device kind, "cpu" or "cuda", for auto, cpu or cuda.

    Args:
        wanted: auto, cpu or cuda.
        amp: whether mixed precision is asked for, which CUDA alone has.

    Raises:
        UserError: CUDA is asked for and absent.
    """
    import torch

    torch.set_num_threads(1)
    if wanted != "cpu" and torch.cuda.is_available():
        # One CPU thread is deterministic as it is, and this costs a second of imports.
        torch.use_deterministic_algorithms(True)
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        return "cuda"
    if wanted == "cuda":
        raise UserError(
            "training.device: cuda is asked for and this machine has no CUDA device that torch "
            "can use; set training.device to cpu or auto (or pass --device cpu)"
        )
    if amp:
        raise UserError("training.amp: it needs a CUDA device; set it to false on this machine")
    return "cpu"


def derive_seed(root: int, *names: str | int) -> int:
    """Return a 32-bit seed for one purpose, named, from the one seed in params.yaml.

    Naming each purpose keeps the seeds of others as they are when one is added.

    >>> derive_seed(42, "train", 0) == derive_seed(42, "train", 0)
    True
    >>> derive_seed(42, "train", 0) == derive_seed(42, "train", 1)
    False
    """
    text = "/".join(str(part) for part in (root, *names))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def library_versions() -> dict[str, str]:
    """Return the versions of the libraries that can change a number."""
    return {name: version(name) for name in LIBRARIES}
