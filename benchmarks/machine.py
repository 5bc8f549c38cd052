"""What a measurement ran on."""

import platform
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "avx": "AVX"}


@dataclass(frozen=True)
class Machine:
    """The parts of a machine that a figure depends on.

    Attributes:
        processor: its name.
        cores: that this process may use.
        memory_gib: of the whole machine.
        system: kernel and architecture.
        python: its version.
        torch: its version.
        vector: its widest vector instructions; our own code is pinned to AVX2.
    """

    processor: str
    cores: int
    memory_gib: int
    system: str
    python: str
    torch: str
    vector: str

    def __str__(self) -> str:
        """Return one line."""
        return (
            f"{self.processor}, {self.cores} cores, {self.vector}, {self.memory_gib} GiB, "
            f"{self.system}, Python {self.python}, torch {self.torch}"
        )


def this_machine() -> Machine:
    """Return the machine that this process runs on."""
    flags = _of_processor("flags").split()
    return Machine(
        processor=_of_processor("model name") or platform.processor(),
        cores=len(psutil.Process().cpu_affinity()),
        memory_gib=round(psutil.virtual_memory().total / 2**30),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        torch=version("torch"),
        vector=next((name for flag, name in VECTORS.items() if flag in flags), "no AVX"),
    )


def _of_processor(name: str) -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((x.partition(":")[2].strip() for x in lines if x.startswith(name)), "")


def own_peak_megabytes() -> float:
    """Return the most memory that this process has held.

    Unlike `getrusage`, it does not begin at what the process that started this one held.
    """
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(peak) / 1024
