"""Parameters written into params.yaml, its comments kept."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tribar.config.reading import read_params
from tribar.files import whole_file


def write_block(path: Path, block: Mapping[str, Any]) -> None:
    """Set parameters of `prepare` in a file of parameters; all else stays as it stands.

    Raises:
        UserError: the file is no valid params.yaml, or would be none, and stays as it was.
    """
    read_params(path)
    yaml = YAML(typ="rt")
    yaml.preserve_quotes, yaml.width = True, 1000
    yaml.indent(mapping=2, sequence=4, offset=2)
    tree = yaml.load(path)
    _merge(tree["prepare"], block)
    with whole_file(path) as part:
        yaml.dump(tree, part)
        read_params(part)


def _merge(node: Any, block: Mapping[str, Any]) -> None:
    for key, value in block.items():
        if isinstance(value, Mapping) and isinstance(node.get(key), Mapping) and key != "columns":
            _merge(node[key], value)
        else:
            node[key] = value
