"""YAML as DVC reads the same file: version 1.2, where 1e-3 is a number, and yes and 1:30 are text.

A key is text and stands once.
"""

import json
import re
from typing import Any

import yaml

_MERGE = "tag:yaml.org,2002:merge"
_SCALARS = {
    "bool": (re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), "tTfF"),
    "int": (
        re.compile(r"^[-+]?(0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)$"),
        "-+0123456789",
    ),
    "float": (
        re.compile(
            r"^([-+]?(\.[0-9_]*[0-9][0-9_]*|[0-9][0-9_]*(\.[0-9_]*|(?=[eE])))([eE][-+]?[0-9]+)?"
            r"|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$"
        ),
        "-+.0123456789",
    ),
}
"""The core schema (YAML 1.2.2, section 10.3), and what a scalar of each type begins with."""


def parse(text: str) -> Any:
    """Return what a YAML text holds.

    Raises:
        yaml.YAMLError: it is not valid, holds itself, or has a key twice.
    """
    loader = _Loader(text)
    try:
        data = loader.get_single_data()
        json.dumps(data, default=str)  # fails for what holds itself
        return data
    except (ValueError, LookupError, AttributeError, RecursionError) as error:
        raise yaml.YAMLError(f"a value that YAML cannot read ({error})") from None
    finally:
        loader.dispose()


class _Loader(yaml.SafeLoader):
    """PyYAML's, which knows version 1.1 alone, with the scalars of 1.2."""


def _integer(loader: _Loader, node: yaml.ScalarNode) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "")
    return int(text, 0 if re.match(r"[-+]?0[box]", text) else 10)


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


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in known if tag.rpartition(":")[2] not in _SCALARS]
    for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _name, (_form, _first) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", _form, list(_first))
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
