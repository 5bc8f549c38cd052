"""Reads params.yaml: the only reader, and it reports every fault at once."""

import difflib
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from tribar.errors import UserError
from tribar.params.block import MisfitsError
from tribar.params.schema import Params

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
        faults += _describe(error, tree)
    if faults:
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise UserError(f"{path}: {len(faults)} parameter(s) to mend:\n{lines}")
    return params


class _Loader(yaml.SafeLoader):
    """YAML 1.2's numbers (1e-3 is one), as DVC reads the same file; a key may stand once."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            mark = key_node.start_mark
            raise yaml.MarkedYAMLError(problem=f"key {key!r} stands twice", problem_mark=mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _FLOAT, list("-+.0123456789"))
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


def _parse(text: str) -> Any:
    loader = _Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _load(path: Path) -> dict[str, Any]:
    try:
        tree = _parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror}); run in the repository"
        ) from None
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


def _describe(error: ValidationError, tree: dict[str, Any]) -> list[str]:
    """Return each fault as `path: what is wrong, what is allowed`; one line a parameter."""
    wrong: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    for fault in error.errors():
        location = _without_tags(fault["loc"], tree, absent=fault["type"] == "missing")
        path, within = ".".join(location) or "params", "".join(f"{part}." for part in location)
        cause = fault.get("ctx", {}).get("error")
        if isinstance(cause, MisfitsError):
            for key, _, what in (one.partition(": ") for one in cause.faults):
                wrong.setdefault(f"{within}{key}", []).append(what)
        elif not (fault["type"] == "too_short" and fault["input"]):  # its items are at fault
            wrong.setdefault(path, []).append(_wrong(fault, location))
            if fault["type"] not in ("extra_forbidden", "missing"):
                shown[path] = "" if isinstance(fault["input"], dict) else f"{fault['input']!r}"
    return [
        f"{path}: {' or '.join(dict.fromkeys(what))}"
        + (f" (it is {shown[path]})" if shown.get(path) else "")
        for path, what in wrong.items()
    ]


def _wrong(fault: Mapping[str, Any], location: Sequence[str]) -> str:
    if fault["type"] == "extra_forbidden":
        return f"unknown parameter{_nearest(location)}"
    if fault["type"] == "missing":
        return "missing"
    message: str = fault["msg"].removeprefix("Value error, ")
    return f"{message[0].lower()}{message[1:]}"


def _without_tags(location: Sequence[Any], tree: Any, absent: bool) -> list[str]:
    """Drop the parts of a fault's location that name a union's member rather than a key."""
    kept: list[str] = []
    for position, part in enumerate(location):
        is_absent_key = position == len(location) - 1 and absent
        if isinstance(tree, dict) and (part in tree or is_absent_key):
            tree = tree.get(part)
            kept.append(str(part))
        elif isinstance(tree, list) and isinstance(part, int):
            tree = tree[part] if part < len(tree) else None
            kept.append(str(part))
    return kept


def _nearest(location: Sequence[str]) -> str:
    """Return a hint at the known key most like the last of `location`."""
    paths = known_paths(Params.model_json_schema())
    prefix = "".join(f"{part}." for part in location[:-1])
    siblings = {path[len(prefix) :].split(".")[0] for path in paths if path.startswith(prefix)}
    near = difflib.get_close_matches(location[-1], sorted(siblings), n=1, cutoff=0.5)
    if near:
        return f"; did you mean {prefix}{near[0]}?"
    elsewhere = [path for path in paths if path.split(".")[-1] == location[-1]]
    if elsewhere:
        return f"; did you mean {elsewhere[0]}?"
    return f"; allowed here: {', '.join(sorted(siblings))}" if siblings else ""


def known_paths(schema: Mapping[str, Any]) -> list[str]:
    """Return the dotted path of every parameter in a JSON schema of `Params`."""

    def walk(node: Mapping[str, Any], prefix: str) -> list[str]:
        node = schema["$defs"][node["$ref"].split("/")[-1]] if "$ref" in node else node
        if "properties" not in node:
            return [prefix[:-1]]
        found: list[str] = []
        for key, child in node["properties"].items():
            found += walk(child, f"{prefix}{key}.")
        return found

    return walk(schema, "")
