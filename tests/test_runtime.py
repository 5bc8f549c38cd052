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
SMALL = """
from tribar import runtime
runtime.pin()
import hashlib
from pathlib import Path
from tests.model.synthetic import synthetic_split
from tribar.config.reading import read_params
from tribar.evaluation.references import Decisions, fit_references
from tribar.market.indicators import ewm_deviation, log_return
from tribar.metrics.scores import losses
from tribar.model.folds import make_fold
from tribar.model.training.epoch import predict
from tribar.model.training.trainer import train
import numpy as np
split = synthetic_split(rows=400)
fold = make_fold(split, split.part("train"), split.part("validation"), "cpu")
labels = split.part("validation")["label"].to_numpy()
found = [ewm_deviation(log_return(np.exp(split.rows[:, 0].astype(float)), 1)[1:], 60, 0.9)]
for cell in ("lstm", "gru"):
    for supervision, optimizer in (("dense", "radam"), ("sliding", "adamw")):
        options = [f"baseline.cell={cell}", f"training.supervision={supervision}",
            f"training.optimizer={optimizer}", "baseline.hidden_dim=24", "training.max_epochs=2"]
        params = read_params(Path("params.yaml"), options)
        trained = train(fold, params.baseline_hyper(), params.training, seed=3)
        found += [losses(labels, predict(trained.network, fold.validation)), trained.curve]
parts = [Decisions.of(split, split.part(name)) for name in ("train", "validation")]
found += [one.probabilities[0] for one in fit_references(*parts, parts[1:])]
print(hashlib.sha256(b"".join(np.asarray(one).tobytes() for one in found)).hexdigest())
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


def test_a_training_is_that_of_a_processor_with_avx2_alone() -> None:
    def digest(**variables: str) -> str:
        paths = {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}"}
        done = subprocess.run(
            [sys.executable, "-c", SMALL], cwd=ROOT, capture_output=True, text=True, check=True,
            env=os.environ | paths | variables,
        )  # fmt: skip
        return done.stdout

    assert digest(**AVX2_ALONE) == digest()


@pytest.mark.slow
def test_what_a_processor_has_beside_avx2_changes_no_byte() -> None:
    assert digests(**AVX2_ALONE) == digests()


def test_numpy_is_pinned_before_it_is_imported() -> None:
    code = (
        "import sys; from tribar import cli, runtime\n"
        "def pin(): print('numpy' in sys.modules); raise SystemExit\n"
        "runtime.pin = pin; sys.argv = ['tribar', 'prepare']; cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "False\n", done.stderr
