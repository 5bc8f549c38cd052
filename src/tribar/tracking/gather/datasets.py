"""The prepared splits as inputs of a run."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import pandas as pd

from tribar.dataset.prepared import PreparedSplit, fingerprint, read_split
from tribar.outputs.workspace import DEVELOPMENT, TEST, Workspace
from tribar.tracking.record import DatasetRecord

_DIGITS = 16
_CONTEXTS: Mapping[Path, Literal["training", "testing"]] = {
    DEVELOPMENT: "training",
    TEST: "testing",
}


def dataset_records(workspace: Workspace, source: str) -> tuple[DatasetRecord, ...]:
    """Return both prepared splits, the one that judged the model last.

    Args:
        workspace: where they lie.
        source: `prepare.source`.

    Raises:
        UserError: a split is missing or incomplete.
    """
    return tuple(
        _record(read_split(workspace.source(path)), path, workspace, source) for path in _CONTEXTS
    )


def data_name(source: str) -> str:
    """Return a short name of a source: a file's or a folder's, without what tells its kind.

    >>> data_name("data/raw/us_indices.csv.gz"), data_name("bars/*.csv")
    ('us_indices', 'bars')
    """
    plain = [part for part in Path(source).parts if not set(part) & set("*?[")]
    return plain[-1].partition(".")[0] if plain else "data"


def _record(split: PreparedSplit, path: Path, workspace: Workspace, source: str) -> DatasetRecord:
    return DatasetRecord(
        name=f"{data_name(source)} {path.name}",
        digest=fingerprint(split)[:_DIGITS],
        context=_CONTEXTS[path],
        source=str(workspace.home / source),
        columns=split.schema.features,
        profile=_profile(split.samples),
    )


def _profile(samples: pd.DataFrame) -> dict[str, str | int]:
    decisions = samples["decision"]
    return {
        "decisions": len(samples),
        "symbols": int(samples["symbol"].nunique()),
        "first": str(decisions.min()),
        "last": str(decisions.max()),
    }
