"""A prepared split: what every stage after prepare sees, whatever the source was."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.scaling import covered
from tribar.errors import UserError, listing

CLASSES = (-1, 0, 1)
"""The labels, in the order of every probability's columns."""

SAMPLE_COLUMNS = (
    "symbol",
    "start",
    "decision",
    "last",
    "label",
    "label_end",
    "barrier",
    "exit_return",
    "volatility",
    "weight",
    "split",
)
"""Columns of samples.parquet; a sample's interval is from its window's opening to label_end.

volatility is the deviation of one bar's return, known at the decision; NaN in a labelled table.
"""


@dataclass(frozen=True)
class Schema:
    """What rows and samples mean.

    Attributes:
        features: names of the rows' columns.
        window: rows in a window.
        folds: of the purged K-fold.
        embargo: decision times left out around an evaluated fold.
        source_sha256: of the source's content.
        groups: features by the name of their group.
        memory: bars that a feature is made of, its own the last, by its name; none of a table
            that came labelled.
        fingerprint: of development, in the test split too; tells what a model was trained on.
        classes: the labels.
    """

    features: tuple[str, ...]
    window: int
    folds: int
    embargo: int
    source_sha256: str
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    memory: Mapping[str, int] = field(default_factory=dict)
    fingerprint: str = ""
    classes: tuple[int, ...] = CLASSES

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the schema that `dataclasses.asdict` described."""
        groups = {name: tuple(members) for name, members in content["groups"].items()}
        tuples = {key: tuple(content[key]) for key in ("features", "classes")}
        return cls(**{**content, **tuples, "groups": groups})

    def columns(self, wanted: str) -> tuple[int, ...]:
        """Return the columns of `all` features, or of groups joined by `+`.

        Raises:
            UserError: a group is unknown.
        """
        if wanted == "all":
            return tuple(range(len(self.features)))
        unknown = [name for name in wanted.split("+") if name not in self.groups]
        if unknown:
            raise UserError(
                f"model.features: the prepared split has no group {unknown[0]!r}; it has "
                f"{listing(['all', *self.groups])}; write one of them, or add it to "
                "prepare.feature_groups and run prepare again"
            )
        chosen = {one for name in wanted.split("+") for one in self.groups[name]}
        return tuple(n for n, name in enumerate(self.features) if name in chosen)


@dataclass(frozen=True)
class PreparedSplit:
    """Rows and the decisions made on them.

    Attributes:
        rows: float32, (rows, features), not scaled, ordered by symbol, then time.
        samples: one line a decision, columns `SAMPLE_COLUMNS`, ordered by symbol, then time;
            its window is `rows[last - window + 1 : last + 1]`.
        schema: names and sizes.
    """

    rows: NDArray[np.float32]
    samples: pd.DataFrame
    schema: Schema

    def part(self, name: str) -> pd.DataFrame:
        """Return the samples of one split: train, validation or test."""
        return self.samples[self.samples["split"] == name]

    def select(self, chosen: NDArray[np.bool_]) -> Self:
        """Return the chosen samples with the rows that their windows cover, and no other."""
        last = self.samples["last"].to_numpy()
        seen = covered(last[chosen], self.schema.window, len(self.rows))
        renumbered = np.cumsum(seen) - 1
        kept = self.samples[chosen].assign(last=renumbered[last[chosen]]).reset_index(drop=True)
        return replace(self, rows=self.rows[seen], samples=kept)


def fingerprint(split: PreparedSplit) -> str:
    """Return a sha256, in hex, of a split's rows and samples."""
    digest = hashlib.sha256(np.ascontiguousarray(split.rows).data)
    digest.update(pd.util.hash_pandas_object(split.samples, index=False).to_numpy().data)
    return digest.hexdigest()


def write_split(split: PreparedSplit, folder: Path) -> None:
    """Write rows.npy, samples.parquet and schema.json into an existing folder."""
    np.save(folder / "rows.npy", split.rows, allow_pickle=False)
    split.samples.to_parquet(folder / "samples.parquet", index=False)
    schema = json.dumps(asdict(split.schema), indent=2, sort_keys=True)
    (folder / "schema.json").write_text(schema + "\n", encoding="utf-8")


def read_split(folder: Path, columns: list[str] | None = None) -> PreparedSplit:
    """Return the split in `folder`, its rows mapped from disk.

    Args:
        folder: of the split.
        columns: of its samples; all by default, and with none at all they are not read.

    Raises:
        UserError: the folder is missing or incomplete.
    """
    try:
        rows = np.load(folder / "rows.npy", mmap_mode="r", allow_pickle=False)
        samples = pd.read_parquet(folder / "samples.parquet", columns=columns)
        content = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
        return PreparedSplit(rows, samples, Schema.from_json(content))
    except OSError:
        fault = "no prepared split"
    except (EOFError, ValueError, LookupError, TypeError) as error:
        fault = f"no complete prepared split ({' '.join(str(error).split())})"
    raise UserError(f"{folder}: {fault}; run `tribar prepare` or `dvc repro`")


def class_index(labels: Sequence[int] | NDArray[np.int8]) -> NDArray[np.int64]:
    """Return each label's position in `CLASSES`.

    >>> class_index([-1, 1, 0])
    array([0, 2, 1])
    """
    return np.searchsorted(CLASSES, np.asarray(labels)).astype(np.int64)
