"""Draws the pictures of the documents."""

from collections.abc import Mapping
from pathlib import Path

import vl_convert


def write_svg(specification: Mapping[str, object], path: Path) -> None:
    """Draw a Vega-Lite specification on white."""
    whole = {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "config": {"background": "white"},
        **specification,
    }
    path.write_text(vl_convert.vegalite_to_svg(whole, vl_version="5.20"))
