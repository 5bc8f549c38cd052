"""dvc.yaml says exactly what each stage reads: no less, or it goes stale; no more, or it reruns."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tools.dependencies import (
    declared_blocks,
    declared_files,
    imported_files,
    read_blocks,
    stage_module,
    stages,
)

STAGES = stages()
TUNING = ("train-baseline", "tune", "train-best")


@pytest.mark.parametrize("stage", STAGES)
def test_the_modules_that_a_stage_imports_are_its_dependencies(stage: str) -> None:
    assert declared_files(stage) == imported_files(stage), "run `make deps`"


@pytest.mark.parametrize("stage", STAGES)
def test_the_parameters_that_a_stage_reads_are_its_params(stage: str) -> None:
    assert declared_blocks(stage) == read_blocks(stage), "run `make deps`"


def test_what_a_stage_takes_through_a_helper_or_a_method_counts() -> None:
    assert {"base", "baseline", "model", "training"} <= declared_blocks("train-baseline")
    assert {"base", "baseline", "model", "training", "tune"} <= declared_blocks("tune")


@pytest.mark.parametrize("stage", STAGES)
def test_what_python_loads_is_what_the_code_says(stage: str, repository: Path) -> None:
    """The list that was read from the code covers what an interpreter really imports."""
    script = (
        f"import sys, {stage_module(stage)}\n"
        "print('\\n'.join(m.__file__ for n, m in sys.modules.items() if n.startswith('tribar')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    loaded = {os.path.relpath(line, repository) for line in done.stdout.splitlines()}
    assert loaded <= imported_files(stage)


@pytest.mark.parametrize("stage", TUNING)
def test_no_stage_that_learns_can_read_the_test_split(stage: str, repository: Path) -> None:
    spec = yaml.safe_load((repository / "dvc.yaml").read_text())["stages"][stage]
    assert not [dep for dep in spec["deps"] if "prepared/test" in dep]
    code = imported_files(stage)
    readers = [file for file in code if re.search(r"\bTEST\b", (repository / file).read_text())]
    assert readers == ["src/tribar/outputs/workspace.py"]


def test_a_stage_is_called_the_same_everywhere(repository: Path) -> None:
    for stage in STAGES:
        module = repository / "src/tribar/stages" / stage.replace("-", "_")
        assert module.is_dir() or module.with_suffix(".py").is_file()
        assert (repository / "results" / stage).is_dir()


def test_importing_tribar_and_its_help_load_nothing_heavy() -> None:
    script = (
        "import sys, tribar, tribar.cli\n"
        "from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(tribar.cli.app, ['--help']).exit_code == 0\n"
        "heavy = {'torch', 'mlflow', 'optuna', 'pandas', 'numpy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or None)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
