"""The examples of forecasts from Python, run as they stand."""

import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import tribar
from tests.running import ROOT


def in_docstring() -> str:
    found = re.search(r"run:\n\n(.*?)\n\n", tribar.load.__doc__ or "", re.S)
    assert found
    return textwrap.dedent(str(found[1]))


def in_page(name: str) -> str:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / name).read_text(), re.M | re.S)
    return str(next(block for block in blocks if "tribar.load" in block))


EXAMPLES = {
    "docstring": in_docstring(),
    "README": in_page("README.md"),
    "forecasting": in_page("docs/forecasting.md"),
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_runs(name: str, evaluated: Path, tmp_path: Path) -> None:
    (tmp_path / "models").symlink_to(evaluated / "models")
    (tmp_path / "data").symlink_to(ROOT / "data")
    code = f"import pandas\nimport tribar\n{EXAMPLES[name]}\nassert len(forecast.table) == 2\n"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
