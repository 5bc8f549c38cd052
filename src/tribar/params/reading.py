"""Reads params.yaml: the only reader, and it reports every fault at once."""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tribar.errors import UserError
from tribar.params.faults import describe
from tribar.params.schema import Params

_MERGE = "tag:yaml.org,2002:merge"
_FLOAT = re.compile(r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)$")


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


class _Loader(yaml.SafeLoader):
    """YAML 1.1, but 1e-3 is a number, as for DVC in the same file; a key is text, given once."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[str, Any]:
    own = set[str]()
    for key_node in (key_node for key_node, _ in node.value if key_node.tag != _MERGE):
        key = str(loader.construct_object(key_node, deep=True))
        if key in own:
            mark = key_node.start_mark
            raise yaml.MarkedYAMLError(problem=f"key {key!r} stands twice", problem_mark=mark)
        own.add(key)
    loader.flatten_mapping(node)  # of `<<: *other`, what `other` has and this has not
    return {
        str(loader.construct_object(key, deep=True)): loader.construct_object(value, deep=True)
        for key, value in node.value
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _parse(text: str) -> Any:
    loader = _Loader(text)
    try:
        data = loader.get_single_data()
        json.dumps(data, default=str)  # fails for what holds itself
        return data
    except (ValueError, LookupError, AttributeError, RecursionError) as error:
        raise yaml.YAMLError(f"a value that YAML cannot read ({error})") from None
    finally:
        loader.dispose()


def _load(path: Path) -> dict[str, Any]:
    try:
        tree = _parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror}); run in the repository"
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
        value = _parse(text)
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
