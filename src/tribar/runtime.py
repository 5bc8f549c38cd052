"""What a result may depend on beside data and parameters: threads, device, seeds, versions."""

import hashlib
import os
from importlib.metadata import version

from tribar.errors import UserError

PINS = {
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "OPENBLAS_CORETYPE": "Haswell",
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "+avx2,+fma",
    "ATEN_CPU_CAPABILITY": "avx2",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "MKL_CBWR": "COMPATIBLE",
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
"""Threads and instruction sets are part of a floating-point result: the same everywhere.

The sets are those of a processor with AVX2; MKL has one alone that rounds alike for all vendors.
"""

LIBRARIES = ("numba", "numpy", "optuna", "pandas", "scikit-learn", "scipy", "torch")
"""The libraries whose version can change a number."""


def pin() -> None:
    """Fix threads and instruction sets; call before the first import of numpy or torch."""
    os.environ.update(PINS)


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
