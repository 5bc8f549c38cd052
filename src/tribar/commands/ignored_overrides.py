"""Overrides that a stage does not read, by what dvc.yaml says of the stages."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tribar.config.reading import parse_yaml

_SHOWS = "report"
"""The stage that shows all parameters and obeys none."""


def ignored_overrides(overrides: Sequence[str], stage: str, pipeline: Path) -> Iterator[str]:
    """Yield a line for each `key=value` that a stage ignores.

    Args:
        overrides: as `--set` takes them.
        stage: the one to run.
        pipeline: dvc.yaml, which names the parameters of every stage.
    """
    blocks = _blocks(pipeline) if overrides else {}
    for override in overrides if stage in blocks else ():
        key = override.partition("=")[0].removesuffix("+")
        readers = [name for name, read in blocks.items() if key.split(".")[0] in read]
        if stage not in readers:
            obey = (name for name in readers if name != _SHOWS)
            yield f"{stage} takes no notice of {key}; it is for {', '.join(obey)}"


def _blocks(pipeline: Path) -> dict[str, set[str]]:
    """Return the blocks of each stage; none of a damaged file, which DVC reports."""
    try:
        stages = parse_yaml(pipeline.read_text(encoding="utf-8"))["stages"]
        return {
            name: {key.split(".")[0] for key in spec["params"] if isinstance(key, str)}
            for name, spec in stages.items()
            if "params" in spec
        }
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}
