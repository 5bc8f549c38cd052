"""What a stage depends on, read from its code: `make deps` writes it into dvc.yaml."""

import ast
import inspect
import textwrap
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tribar.config.schema import Params

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"


def stages() -> tuple[str, ...]:
    """Return the names of the stages in dvc.yaml."""
    return tuple(_read()["stages"])


def stage_module(stage: str) -> str:
    """Return the module that runs a stage.

    >>> stage_module("train-best")
    'tribar.stages.train_best'
    """
    return f"tribar.stages.{stage.replace('-', '_')}"


def imported_files(stage: str) -> set[str]:
    """Return the repository's files that a stage's module imports, directly or not, with itself."""
    found: set[str] = set()
    waiting = [stage_module(stage)]
    while waiting:
        module = waiting.pop()
        path = _file(module)
        if path is None or module in found:
            continue
        found.add(module)
        waiting += [module.rpartition(".")[0], *_imports(path)]
    return {str(path.relative_to(ROOT)) for path in map(_file, found) if path}


def read_blocks(stage: str) -> set[str]:
    """Return the blocks of params.yaml that a stage takes from `params`.

    Read from its module and from those of the same room that it imports; a method of `Params`
    stands for the blocks that it takes itself.
    """
    room = f"{SOURCE.relative_to(ROOT)}/tribar/stages/"
    paths = [ROOT / file for file in imported_files(stage) if file.startswith(room)]
    taken = set().union(*(_attributes(path.read_text(), "params") for path in paths))
    for name in (taken - Params.model_fields.keys()) & vars(Params).keys():
        method = vars(Params)[name]
        taken |= _attributes(textwrap.dedent(inspect.getsource(method)), "self")
    return taken & Params.model_fields.keys()


def _attributes(code: str, owner: str) -> set[str]:
    """Return the names of the attributes that code takes from the variable `owner`."""
    return {
        node.attr
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == owner
    }


def declared_files(stage: str) -> set[str]:
    """Return the source files among a stage's dependencies in dvc.yaml."""
    return {dep for dep in _read()["stages"][stage]["deps"] if dep.startswith("src/")}


def declared_blocks(stage: str) -> set[str]:
    """Return the parameter blocks of a stage in dvc.yaml."""
    return set(_read()["stages"][stage]["params"])


def _imports(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        if isinstance(node, ast.ImportFrom) and node.module:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return names


def _file(module: str) -> Path | None:
    base = SOURCE.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def _yaml() -> YAML:
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 200
    return yaml


def _read() -> Any:
    return _yaml().load((ROOT / "dvc.yaml").read_text())


def main() -> None:
    """Write every stage's source files and parameter blocks into dvc.yaml."""
    pipeline = _read()
    for stage, spec in pipeline["stages"].items():
        other = [dep for dep in spec["deps"] if not dep.startswith("src/")]
        spec["deps"] = other + sorted(imported_files(stage))
        spec["params"] = sorted(read_blocks(stage))
    with (ROOT / "dvc.yaml").open("w") as file:
        _yaml().dump(pipeline, file)


if __name__ == "__main__":
    main()
