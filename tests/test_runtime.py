"""The pins: what they choose, and that nothing depends on what a processor has beside AVX2."""

import os
import subprocess
import sys

import pytest

from tests.running import ROOT
from tools.bits import digests

SCRIPT = """
from tribar import runtime
runtime.pin()
import os
import numba, numpy, torch
from numpy._core._multiarray_umath import __cpu_features__ as found
print(torch.backends.cpu.get_cpu_capability(), os.environ["MKL_CBWR"])
print(numba.config.CPU_NAME, found["X86_V4"])
"""
AVX2_ALONE = {
    "ATEN_CPU_CAPABILITY": "avx2",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX512BW,-AVX512DQ,-AVX512CD",
    "MKL_ENABLE_INSTRUCTIONS": "AVX2",
    "NPY_DISABLE_CPU_FEATURES": "X86_V4 AVX512_ICL AVX512_SPR",
    "NUMBA_CPU_FEATURES": "+avx2,+fma",
    "NUMBA_CPU_NAME": "haswell",
    "ONEDNN_MAX_CPU_ISA": "AVX2",
    "OPENBLAS_CORETYPE": "Haswell",
}
"""What makes each library take a processor for one with AVX2 and no more."""


def test_libraries_compute_with_the_pinned_instruction_sets() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True,
        check=True, env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    assert done.stdout.split() == ["AVX2", "COMPATIBLE", "haswell", "False"]


@pytest.mark.slow
def test_what_a_processor_has_beside_avx2_changes_no_byte() -> None:
    assert digests(**AVX2_ALONE) == digests()
