"""A second look at faulty parameters: what does not fit together whatever stands in their place."""

import copy
import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from pydantic import ValidationError

from tribar.params.block import misfits_of
from tribar.params.schema import Params

LOOKS = 8
"""Values that a faulty parameter is given in turn: as many as the longest list of names has."""

Node = Mapping[str, Any]


def second_look(tree: Mapping[str, Any], faulty: Sequence[Sequence[str]]) -> list[str]:
    """Return the misfits of a tree of parameters that bear no blame on its faulty ones.

    A parameter that is no value at all keeps pydantic from asking what does not fit together. Each
    is given sound values in turn, and what is at fault with all of them is at fault by itself.

    Args:
        tree: as params.yaml has it.
        faulty: the paths of all parameters that are unknown, missing or not allowed.
    """
    looks = [_misfits(mended(tree, faulty, look)) for look in range(LOOKS)]
    return [
        fault
        for fault in looks[0]
        if all(fault in others for others in looks) and not _hangs_on(fault, faulty)
    ]


def _hangs_on(fault: str, faulty: Sequence[Sequence[str]]) -> bool:
    """Return whether a misfit may come of an entry that had to be dropped for want of a value."""
    dimensions = {path[2] for path in faulty if list(path[:2]) == ["tune", "space"] and path[2:]}
    names = dimensions | {path[-1] for path in faulty if path}
    words = set(re.findall(r"\w+", fault))
    return bool(names & words) or bool(dimensions and "(it can draw " in fault)


def _misfits(tree: Mapping[str, Any]) -> Sequence[str]:
    try:
        Params.model_validate_json(json.dumps(tree, default=str))
    except ValidationError as error:
        return misfits_of(error)
    return ()


def mended(tree: Mapping[str, Any], faulty: Sequence[Sequence[str]], look: int) -> dict[str, Any]:
    """Return the tree with a sound value for each faulty parameter, another in another look."""
    schema = _schema()
    sound = copy.deepcopy(dict(tree))
    for path in filter(None, faulty):
        _mend(sound, path, schema, schema["$defs"], look)
    return sound


@cache
def _schema() -> Node:
    return Params.model_json_schema()


def _mend(tree: dict[str, Any], path: Sequence[str], node: Node, defs: Node, look: int) -> None:
    """Drop the unknown key or the entry of a table that a path leads to; else give it a value."""
    key, *rest = path
    if key not in node.get("properties", {}):
        tree.pop(key, None)
        return
    child = _resolved(node["properties"][key], defs)
    if rest and isinstance(tree.get(key), dict):
        _mend(tree[key], rest, child, defs, look)
    else:
        tree[key] = _example(child, defs, look)


def _example(node: Node, defs: Node, look: int) -> Any:
    """Return one of the values that a JSON schema allows, another for another look."""
    node = _resolved(node, defs)
    if "enum" in node or "const" in node:
        names = node.get("enum", [node.get("const")])
        return names[look % len(names)]
    if "anyOf" in node:
        return _example(node["anyOf"][look % len(node["anyOf"])], defs, look)
    if "properties" in node:
        return {key: _example(child, defs, look) for key, child in node["properties"].items()}
    match node.get("type"):
        case "boolean":
            return look % 2 == 0
        case "integer":
            value = node.get("minimum", 0) + look
            return min(value, node.get("maximum", value))
        case "number":
            return node.get("minimum", node.get("exclusiveMinimum", 0)) + (look + 1) / (2 * LOOKS)
        case "array":
            return [_example(node["items"], defs, look)]
        case "string":
            return f"example {look}"
        case "object":
            return {}
    return None


def _resolved(node: Node, defs: Node) -> Node:
    return defs[node["$ref"].split("/")[-1]] if "$ref" in node else node
