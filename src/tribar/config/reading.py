"""Reads params.yaml: the only reader, and it reports every fault at once."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tribar.config.messages import describe
from tribar.config.schema import Params
from tribar.config.yaml_text import parse
from tribar.errors import UserError


def read_params(path: Path, overrides: Sequence[str] = ()) -> Params:
    """Return the parameters in the YAML file `path`, with `key=value` overrides applied.

    Raises:
        UserError: the file is missing or no YAML, or any parameter is unknown, missing, of the
            wrong type or out of range; all of them in one message, each with its path.
    """
    tree = _load(path)
    faults: list[str] = []
    for override in overrides:
        faults += _apply(tree, override)
    try:
        # JSON mode: strict about types, yet a YAML list is a tuple and 1 is a float.
        params = Params.model_validate_json(json.dumps(tree, default=str))
    except ValidationError as error:
        faults += describe(error, tree)
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise UserError(f"{path}: {len(faults)} parameter(s) to mend:\n{lines}")
    return params


def _load(path: Path) -> dict[str, Any]:
    try:
        tree = parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror}); run in the repository, or name "
            "another file with --params"
        ) from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8; save it in that encoding") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    if not isinstance(tree, dict):
        raise UserError(f"{path}: holds no parameters; restore it with git checkout")
    return tree


def _apply(tree: dict[str, Any], override: str) -> list[str]:
    """Set one `a.b=value` in the tree; return its faults."""
    key, equals, text = override.partition("=")
    if not equals or not key:
        return [f"-S {override}: write it as key=value, for instance -S tune.n_trials=3"]
    try:
        value = parse(text)
    except yaml.YAMLError:
        return [f"-S {override}: the value is not valid YAML"]
    *parents, last = key.split(".")
    node: Any = tree
    for parent in parents:
        node = node.setdefault(parent, {}) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        return [f"-S {override}: {'.'.join(parents)} is a value, not a block"]
    node[last] = value
    return []
