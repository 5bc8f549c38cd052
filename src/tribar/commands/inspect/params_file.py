"""Parameters written into params.yaml, its comments kept."""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tribar.config.reading import read_params
from tribar.errors import UserError
from tribar.outputs.writers import write_text


def write_block(path: Path, block: Mapping[str, Any]) -> None:
    """Set parameters of `prepare` in a file of parameters; all else stays as it stands.

    Raises:
        UserError: the file is no valid params.yaml, or would be none afterwards.
    """
    read_params(path)
    yaml = YAML(typ="rt")
    yaml.preserve_quotes, yaml.width = True, 1000
    yaml.indent(mapping=2, sequence=4, offset=2)
    before = path.read_text(encoding="utf-8")
    tree = yaml.load(before)
    _merge(tree["prepare"], block)
    text = io.StringIO()
    yaml.dump(tree, text)
    write_text(path, text.getvalue())
    try:
        read_params(path)
    except UserError:
        write_text(path, before)
        raise


def _merge(node: Any, block: Mapping[str, Any]) -> None:
    for key, value in block.items():
        if isinstance(value, Mapping) and isinstance(node.get(key), Mapping) and key != "columns":
            _merge(node[key], value)
        else:
            node[key] = value
