"""Reads params.yaml: the only reader, and it reports every fault at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from inspect import get_annotations
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from tribar.block import Block, Fault
from tribar.config.conflicts import conflicts
from tribar.config.messages import describe, lines
from tribar.config.schema import Params
from tribar.errors import UserError


def read_params(path: Path, overrides: Sequence[str] = ()) -> Params:
    """Return the parameters in the YAML file `path`, with `key=value` overrides applied.

    Raises:
        UserError: the file is missing or no YAML, or any parameter is unknown, missing, of the
            wrong type or out of range, or does not fit the others; all of them in one message,
            each with its path. Conflicts with a block that cannot be read come once it can.
    """
    tree = _load(path)
    faults = [fault for override in overrides for fault in _apply(tree, override)]
    try:
        params = Params.model_validate_json(_json(tree))
        blocks = dict(params)
    except ValidationError as error:
        faults += describe(error, tree)
        blocks = _valid_blocks(tree)
    faults += conflicts(blocks)
    if faults:
        found = lines(faults)
        listed = "\n".join(f"  {line}" for line in found)
        raise UserError(f"{path}: {len(found)} parameter(s) to mend:\n{listed}")
    return params


def parse_yaml(text: str) -> Any:
    """Return what a YAML 1.2 text holds, read as DVC reads it, with keys that are all text.

    Raises:
        ValueError: it is not valid, holds itself, or has a key twice.
    """
    try:
        return _with_text_keys(YAML(typ="safe").load(text))
    except MarkedYAMLError as error:
        raise ValueError(f"line {error.problem_mark.line + 1}: {error.problem}") from None
    except (YAMLError, ValueError, LookupError, TypeError, RecursionError) as error:
        raise ValueError(" ".join(str(error).split())) from None


def _with_text_keys(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _with_text_keys(value) for key, value in node.items()}
    return [_with_text_keys(value) for value in node] if isinstance(node, list) else node


def _load(path: Path) -> dict[str, Any]:
    try:
        tree = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            f"{path}: cannot be read ({error.strerror}); run in the repository, or name "
            "another file with --params"
        ) from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8; save it in that encoding") from None
    except ValueError as error:
        raise UserError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(tree, dict):
        raise UserError(f"{path}: holds no parameters; restore it with git checkout")
    return tree


def _apply(tree: dict[str, Any], override: str) -> Iterator[Fault]:
    """Set one `a.b=value` in the tree, or append to a list (+=); yield what keeps it from that."""
    option = f"-S {override}"
    key, equals, text = override.partition("=")
    key, appends = key.removesuffix("+"), key.endswith("+")
    if not equals or not key:
        yield Fault(option, "write it as key=value, for instance -S tune.n_trials=3")
        return
    try:
        value = parse_yaml(text)
    except ValueError:
        yield Fault(option, "the value is not valid YAML")
        return
    *parents, last = key.split(".")
    node: Any = tree
    for parent in parents:
        node = node.setdefault(parent, {}) if isinstance(node, dict) else None
    if not isinstance(node, dict):
        yield Fault(option, f"{'.'.join(parents)} is a value, not a block")
    elif not appends:
        node[last] = value
    elif isinstance(node.get(last), list) and isinstance(value, list):
        node[last] = [*node[last], *value]
    else:
        yield Fault(option, f"+= appends a list to a list; write {key}=value to set it")


def _valid_blocks(tree: Mapping[str, Any]) -> dict[str, Block]:
    blocks: dict[str, Block] = {}
    for name, kind in get_annotations(Params).items():
        with suppress(ValidationError):
            blocks[name] = kind.model_validate_json(_json(tree.get(name)))
    return blocks


def _json(tree: Any) -> str:
    """Return JSON to validate: strict about types there, pydantic takes a list for a tuple."""
    return json.dumps(tree, default=str)
