"""The faults of parameters in a user's words: where, what is wrong, what is allowed."""

import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tribar.block import Fault, conflicts_of
from tribar.config.schema import Params
from tribar.config.second_look import second_look

_VALID = "input should be a valid "


def describe(error: ValidationError, tree: dict[str, Any]) -> list[str]:
    """Return a line for each parameter at fault: `path: what is wrong, what is allowed`.

    Args:
        error: of `Params`.
        tree: what was validated.
    """
    if conflicts := conflicts_of(error):
        return _by_key(conflicts)
    faults = error.errors()
    paths = [_path(fault, tree) for fault in faults]
    return [*_by_path(paths, faults), *_by_key(second_look(tree, paths))]


def _by_key(conflicts: Sequence[Fault]) -> list[str]:
    wrong: dict[str, list[str]] = {}
    for fault in conflicts:
        wrong.setdefault(fault.key, []).append(fault.text)
    return [f"{key}: {'; and '.join(what)}" for key, what in wrong.items()]


def _by_path(paths: Sequence[Sequence[str]], faults: Sequence[ErrorDetails]) -> list[str]:
    wrong: dict[str, list[str]] = {}
    shown: dict[str, str] = {}
    for path, fault in zip(paths, faults, strict=True):
        if any(other[: len(path)] == path != other for other in paths):
            continue  # what it holds is at fault
        key = ".".join(path) or "params"
        wrong.setdefault(key, []).append(_wrong(fault, path))
        if fault["type"] not in ("extra_forbidden", "missing"):
            shown[key] = "" if isinstance(fault["input"], dict) else f" (it is {fault['input']!r})"
    return [f"{key}: {_either(what)}{shown.get(key, '')}" for key, what in wrong.items()]


def _wrong(fault: ErrorDetails, location: Sequence[str]) -> str:
    if fault["type"] == "extra_forbidden":
        return f"unknown parameter{_nearest(location)}"
    if fault["type"] == "missing":
        return "missing"
    if fault["type"] == "too_short":
        return f"it is empty; give at least {fault['ctx']['min_length']}"
    message = fault["msg"]
    return f"{message[0].lower()}{message[1:]}"


def _either(what: Sequence[str]) -> str:
    """Join what the members of a union ask for.

    >>> _either(["input should be a valid integer", "input should be a valid string"])
    'input should be a valid integer or string'
    """
    kinds = [one.removeprefix(_VALID) for one in dict.fromkeys(what)]
    plain = all(one.startswith(_VALID) for one in what)
    return f"{_VALID}{' or '.join(kinds)}" if plain else " or ".join(dict.fromkeys(what))


def _path(fault: ErrorDetails, tree: Any) -> list[str]:
    """Return where a fault lies, without the parts that name a union's member and no key."""
    location, kept = fault["loc"], list[str]()
    for position, part in enumerate(location):
        is_absent_key = position == len(location) - 1 and fault["type"] == "missing"
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
