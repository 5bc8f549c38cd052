"""The faults of parameters in a user's words: where, what is wrong, what is allowed."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tribar.block import Block, Fault
from tribar.config.schema import Params

_VALID = "input should be a valid "
_GONE = {
    "evaluate.block": "gone, for the labels themselves say how far neighbouring decisions depend "
    "on each other; delete the line",
}
"""Parameters that earlier versions had, and why they are no more."""


def describe(error: ValidationError, tree: dict[str, Any]) -> Iterator[Fault]:
    """Yield what is wrong with each parameter, and what is allowed.

    Args:
        error: of `Params`.
        tree: what was validated.
    """
    paths = [_path(fault, tree) for fault in error.errors()]
    wrong: dict[str, list[str]] = {}
    value: dict[str, str] = {}
    for path, fault in zip(paths, error.errors(), strict=True):
        if any(other[: len(path)] == path != other for other in paths):
            continue  # what it holds is at fault
        key = ".".join(path) or "params"
        wrong.setdefault(key, []).append(_wrong(fault, path))
        if fault["type"] not in ("extra_forbidden", "missing"):
            value[key] = "" if isinstance(fault["input"], dict) else f" (it is {fault['input']!r})"
    for key, texts in wrong.items():
        yield Fault(key, f"{_either(texts)}{value.get(key, '')}")


def lines(faults: Iterable[Fault]) -> list[str]:
    """Return a line for each key at fault, `key: what is wrong`, in the order of the blocks.

    >>> lines([Fault("tune", "c"), Fault("base.seed", "a"), Fault("base.seed", "b")])
    ['base.seed: a; and b', 'tune: c']
    """
    blocks = list(Params.model_fields)
    texts: dict[str, list[str]] = {}
    for fault in dict.fromkeys(faults):
        texts.setdefault(fault.key, []).append(fault.text)

    def position(key: str) -> int:
        name = key.partition(".")[0]
        return blocks.index(name) if name in blocks else -1

    return [f"{key}: {'; and '.join(texts[key])}" for key in sorted(texts, key=position)]


def _wrong(fault: ErrorDetails, path: Sequence[str]) -> str:
    if fault["type"] == "extra_forbidden":
        return _GONE.get(".".join(path), f"unknown parameter{_nearest(path)}")
    if fault["type"] == "missing":
        return "missing"
    if fault["type"] == "too_short":
        return f"it is empty; give at least {fault['ctx']['min_length']}"
    message = fault["msg"]
    return f"{message[0].lower()}{message[1:]}"


def _either(texts: Sequence[str]) -> str:
    """Join what the alternatives of a union ask for.

    >>> _either(["input should be a valid integer", "input should be a valid string"])
    'input should be a valid integer or string'
    """
    distinct = list(dict.fromkeys(texts))
    if all(text.startswith(_VALID) for text in distinct):
        return f"{_VALID}{' or '.join(text.removeprefix(_VALID) for text in distinct)}"
    return " or ".join(distinct)


def _path(fault: ErrorDetails, tree: Any) -> list[str]:
    """Return where a fault lies, without the parts that name a type of a union and no key."""
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


def _nearest(path: Sequence[str]) -> str:
    """Return a hint at the known key most like the last of `path`."""
    known = list(_known_paths(Params))
    prefix = "".join(f"{part}." for part in path[:-1])
    siblings = {one[len(prefix) :].split(".")[0] for one in known if one.startswith(prefix)}
    near = difflib.get_close_matches(path[-1], sorted(siblings), n=1, cutoff=0.5)
    if near:
        return f"; did you mean {prefix}{near[0]}?"
    elsewhere = [one for one in known if one.split(".")[-1] == path[-1]]
    if elsewhere:
        return f"; did you mean {elsewhere[0]}?"
    return f"; allowed here: {', '.join(sorted(siblings))}" if siblings else ""


def _known_paths(block: type[Block]) -> Iterator[str]:
    """Yield the dotted path of every parameter in a block."""
    for name, field in block.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Block):
            yield from (f"{name}.{path}" for path in _known_paths(kind))
        else:
            yield name
