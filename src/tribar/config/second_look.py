"""A second look at faulty parameters: what does not fit together whatever stands in their place."""

import copy
import json
import re
from collections.abc import Mapping, Sequence, Set
from functools import cache
from typing import Any, get_args

from pydantic import ValidationError

from tribar.block import Fault, conflicts_of
from tribar.config.schema import Params
from tribar.search.dimensions import Searchable

LOOKS = 8
"""Values that a faulty parameter is given in turn: as many as pruners and samplers have names."""

Node = Mapping[str, Any]


def second_look(tree: Mapping[str, Any], faulty: Sequence[Sequence[str]]) -> list[Fault]:
    """Return the conflicts of a tree of parameters that bear no blame on its faulty ones.

    A parameter that is no value at all keeps pydantic from asking what does not fit together. Each
    is given sound values in turn, and what is at fault with all of them is at fault by itself.

    Args:
        tree: as params.yaml has it.
        faulty: the paths of all parameters that are unknown, missing or not allowed.
    """
    trees = [mended(tree, faulty, look) for look in range(LOOKS)]
    gone = {key for path in faulty if (key := _dropped(trees[0], path))}
    looks = [_conflicts(one) for one in trees]
    return [
        fault
        for fault in looks[0]
        if all(fault in others for others in looks) and not _hangs_on(fault, gone)
    ]


def _dropped(sound: Any, path: Sequence[str]) -> str | None:
    """Return the entry of a table that was dropped with a faulty path; None where it was mended."""
    for key in path:
        if not isinstance(sound, dict):
            return None
        if key not in sound:
            return key
        sound = sound[key]
    return path[-1] if path and sound == {} else None  # the example of a table has no entry


def _hangs_on(fault: Fault, gone: Set[str]) -> bool:
    """Return whether a conflict may come of an entry that had to be dropped for want of a value."""
    is_drawn = "(it can draw " in fault.text and bool(gone & set(get_args(Searchable)))
    return is_drawn or bool(gone & set(re.findall(r"\w+", str(fault))))


def _conflicts(tree: Mapping[str, Any]) -> Sequence[Fault]:
    try:
        Params.model_validate_json(json.dumps(tree, default=str))
    except ValidationError as error:
        return conflicts_of(error)
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
