import os
import subprocess
import sys

import pytest

from tests.running import ROOT
from tribar.errors import UserError
from tribar.runtime import PINS, PORTABLE_PINS, pins

SCRIPT = """
import os
from tribar import runtime
runtime.pin()
import torch
print(torch.backends.cpu.get_cpu_capability(), os.environ["MKL_CBWR"])
"""


def seen(**environment: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")} | environment,
    )  # fmt: skip
    return done.stdout.split()


def test_torch_computes_with_the_pinned_instruction_sets() -> None:
    assert seen() == ["AVX2", "AVX2"]
    assert seen(TRIBAR_PORTABLE="1") == ["DEFAULT", "COMPATIBLE"]


def test_the_portable_pins_are_asked_for_by_one_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRIBAR_PORTABLE", raising=False)
    assert pins() == PINS
    monkeypatch.setenv("TRIBAR_PORTABLE", "1")
    assert pins() == PORTABLE_PINS
    assert set(PINS) < set(PORTABLE_PINS)
    monkeypatch.setenv("TRIBAR_PORTABLE", "yes")
    with pytest.raises(UserError, match="TRIBAR_PORTABLE: 'yes'; write 1"):
        pins()
