"""dvc.yaml, the import contract and a study's identity say the same: what decides a result."""

import ast
import inspect
import re
import subprocess
import sys
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.running import ROOT
from tribar.cli.stages import stage_module
from tribar.config.schema import Params
from tribar.records.identity import PACKAGES

CODE = ROOT / "src/tribar"
PIPELINE: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text())
STAGES = tuple(PIPELINE["stages"])
LEARNING = ("train-baseline", "tune", "train-best")
OF_ALL = {"console", "errors", "files"}
"""What every package may use; it decides no result."""


def code_deps(stage: str) -> set[str]:
    """Return the code that a stage depends on, by its path in the package."""
    deps = PIPELINE["stages"][stage]["deps"]
    return {dep.removeprefix("${src}/") for dep in deps if dep.startswith("${src}/")}


DECIDING = {dep for stage in STAGES for dep in code_deps(stage) if not dep.startswith("stages")}


def imported(path: Path) -> Iterator[Path]:
    """Yield the files of the package that a file imports, in its functions too."""
    for node in ast.walk(ast.parse(path.read_text())):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            base = CODE.parent.joinpath(*name.split("."))
            for file in (base.with_suffix(".py"), base / "__init__.py"):
                if name.startswith("tribar") and file.is_file():
                    yield file


def entry(file: Path) -> str:
    """Return the package or file, of those right under the code, that a file belongs to."""
    return file.relative_to(CODE).parts[0]


def reached(stage: str) -> set[Path]:
    """Return what a stage imports, directly or through what decides a result."""
    found: set[Path] = set()
    waiting = [CODE.parent / Path(*stage_module(stage).split(".")).with_suffix(".py")]
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            if entry(file) in DECIDING | {"stages"}:
                waiting += imported(file)
    return found


def covers(dep: str, file: Path) -> bool:
    return file.is_relative_to(CODE / dep)


def undeclared(stage: str, files: set[Path]) -> set[Path]:
    """Return the files that decide a result and that a stage does not depend on."""
    decides = {file for file in files if entry(file) in DECIDING | {"stages"}}
    deps = code_deps(stage)
    outside = {file for file in decides if not any(covers(dep, file) for dep in deps)}
    return outside - {CODE / "stages/__init__.py"}


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_all_that_decides_its_bytes(stage: str) -> None:
    assert undeclared(stage, reached(stage)) == set()


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_depends_on_nothing_that_it_does_not_use(stage: str) -> None:
    unused = [dep for dep in code_deps(stage) if not any(covers(dep, f) for f in reached(stage))]
    assert unused == []
    assert len(PIPELINE["stages"][stage]["deps"]) <= 18


def test_what_decides_a_result_imports_nothing_by_name() -> None:
    """No text would show it."""
    files = {file for stage in STAGES for file in reached(stage) if entry(file) in DECIDING}
    assert [
        file for file in files if re.search(r"import_module|__import__", file.read_text())
    ] == []


def test_the_import_contract_parts_what_decides_from_what_does_not() -> None:
    """Entries above decide nothing; those below are listed in dvc.yaml, or what all may use."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    split = layers.index("config") + 1
    below = {name for layer in layers[split:] for name in layer.split(" | ")}
    assert below == {name.removesuffix(".py") for name in DECIDING} | OF_ALL


def test_the_identity_hashes_the_packages_that_tune_lists() -> None:
    afterwards = {"evaluation", "outputs", "stages/tune"}
    assert set(PACKAGES) == code_deps("tune") - afterwards
    assert len(PACKAGES) == len(set(PACKAGES))


def attributes(code: str, owner: str) -> set[str]:
    """Return the names of the attributes that code takes from the variable `owner`."""
    return {
        node.attr
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == owner
    }


@pytest.mark.parametrize("stage", STAGES)
def test_the_parameters_that_a_stage_reads_are_its_params(stage: str) -> None:
    """Also those that it takes through a method of `Params`."""
    files = [file for file in reached(stage) if entry(file) == "stages"]
    taken = set().union(*(attributes(file.read_text(), "params") for file in files))
    for name in (taken - Params.model_fields.keys()) & vars(Params).keys():
        taken |= attributes(textwrap.dedent(inspect.getsource(vars(Params)[name])), "self")
    declared = {name.split(".")[0] for name in PIPELINE["stages"][stage]["params"]}
    assert declared == taken & Params.model_fields.keys()


@pytest.mark.parametrize("stage", LEARNING)
def test_no_stage_that_learns_can_read_the_test_split(stage: str) -> None:
    deps = PIPELINE["stages"][stage]["deps"]
    assert not [dep for dep in deps if "prepared/test" in dep]
    readers = {file for file in reached(stage) if re.search(r"\bTEST\b", file.read_text())}
    assert readers == {CODE / "outputs/workspace.py"}


def test_a_stage_is_called_the_same_everywhere() -> None:
    for stage in STAGES:
        module = CODE / "stages" / stage.replace("-", "_")
        assert module.is_dir() or module.with_suffix(".py").is_file()
        assert (ROOT / "results" / stage).is_dir()


def test_importing_tribar_and_its_help_load_nothing_heavy() -> None:
    script = (
        "import sys, tribar, tribar.cli\n"
        "from typer.testing import CliRunner\n"
        "assert CliRunner().invoke(tribar.cli.app, ['--help']).exit_code == 0\n"
        "heavy = {'torch', 'mlflow', 'optuna', 'pandas', 'numpy'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or None)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_reading_the_parameters_loads_neither_torch_nor_optuna() -> None:
    script = (
        "import sys, tribar.config.reading\n"
        "sys.exit(', '.join({'torch', 'mlflow', 'optuna', 'pandas'} & set(sys.modules)) or None)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
