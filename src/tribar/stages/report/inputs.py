"""What the results were made from: DVC's hashes of the inputs, the parameters, the libraries."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import PurePosixPath
from typing import Any

import yaml

from tribar.errors import UserError
from tribar.outputs.workspace import LOCK, Workspace

_LIBRARIES = (
    *("tribar", "numpy", "numba", "torch", "scikit-learn", "scipy", "optuna", "pandas"),
    "matplotlib",
)
_CODE = ("src/", "code.yaml")


@dataclass(frozen=True)
class Inputs:
    """What the results were made from.

    Attributes:
        hashes: of the pipeline's inputs, by path, as `dvc.lock` has them; empty where the stages
            were run by hand.
        parameters: values by block, as `params.yaml` has them.
        versions: of the libraries that decide bits, by name.
    """

    hashes: Mapping[str, str]
    parameters: Mapping[str, Any]
    versions: Mapping[str, str]

    @classmethod
    def of(cls, workspace: Workspace, parameters: Mapping[str, Any]) -> "Inputs":
        """Return those of a workspace; what is written elsewhere, DVC has not run."""
        hashes = {} if workspace.output else _hashes(workspace)
        # What follows the plus says for which processor a library was built.
        versions = {name: version(name).partition("+")[0] for name in _LIBRARIES}
        return cls(hashes, parameters, versions)

    def parameters_text(self) -> str:
        """Return the parameters as YAML."""
        return yaml.safe_dump(dict(self.parameters), sort_keys=False, default_flow_style=None)


def _hashes(workspace: Workspace) -> dict[str, str]:
    """Return the hash of each dependency that is neither a stage's output nor code."""
    path = workspace.root / LOCK
    try:
        stages = yaml.safe_load(path.read_text(encoding="utf-8"))["stages"].values()
        made = {one["path"] for stage in stages for one in stage.get("outs", ())}
        deps = {one["path"]: one for stage in stages for one in stage.get("deps", ())}
        return {
            name: f"{one['hash']} {one[one['hash']]}"
            for name, one in sorted(deps.items())
            if not name.startswith((*_CODE, "results/"))
            and not made & {name, *map(str, PurePosixPath(name).parents)}
        }
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError, yaml.YAMLError):
        raise UserError(
            f"{path}: it is damaged; restore it with git checkout, then run `dvc repro`"
        ) from None
