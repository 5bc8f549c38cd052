"""A prepared split: what every stage after prepare sees, whatever the source was."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.scaling import covered
from tribar.dataset.schema import CLASSES, Schema
from tribar.errors import UserError

BARS = "bars.parquet"
"""The newest bars, in the folder of a split or of a model."""

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
class PreparedSplit:
    """Rows and the decisions made on them.

    Attributes:
        rows: float32, (rows, features), not scaled, ordered by symbol, then time.
        samples: one line a decision, columns `SAMPLE_COLUMNS`, ordered by symbol, then time;
            its window is `rows[last - window + 1 : last + 1]`.
        schema: names and sizes.
        bars: of each symbol the newest `schema.needed_bars` up to the split's end, as
            `tribar.market.sources.bars.Bars.newest` gives them; None of a table that came labelled.
    """

    rows: NDArray[np.float32]
    samples: pd.DataFrame
    schema: Schema
    bars: pd.DataFrame | None = None

    @property
    def last(self) -> NDArray[np.int64]:
        """Return the last row of each sample's window, (samples,)."""
        return last_rows(self.samples)

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


def last_rows(samples: pd.DataFrame) -> NDArray[np.int64]:
    """Return the last row of each sample's window, (samples,)."""
    return samples["last"].to_numpy(np.int64, copy=True)


def fingerprint(split: PreparedSplit) -> str:
    """Return a sha256, in hex, of a split's rows and samples."""
    digest = hashlib.sha256(np.ascontiguousarray(split.rows).data)
    digest.update(pd.util.hash_pandas_object(split.samples, index=False).to_numpy().data)
    return digest.hexdigest()


def learnt_from(split: PreparedSplit) -> Schema:
    """Return a split's schema with what a model may know that learns from it."""
    train = split.part("train")
    is_known = bool(np.isfinite(train["exit_return"]).all())
    return replace(
        split.schema,
        symbols=tuple(split.samples["symbol"].unique()),
        class_returns=tuple(class_returns(train).tolist()) if is_known else (),
        until=split.samples["label_end"].max().isoformat(),
        fingerprint=fingerprint(split),
    )


def write_split(split: PreparedSplit, folder: Path) -> None:
    """Write rows.npy, samples.parquet, schema.json and bars.parquet into an existing folder."""
    np.save(folder / "rows.npy", split.rows, allow_pickle=False)
    split.samples.to_parquet(folder / "samples.parquet", index=False)
    schema = json.dumps(split.schema.to_json(), indent=2, sort_keys=True)
    (folder / "schema.json").write_text(schema + "\n", encoding="utf-8")
    write_bars(split.bars, folder)


def write_bars(bars: pd.DataFrame | None, folder: Path) -> None:
    """Write a split's newest bars into an existing folder, where there are any."""
    if bars is not None:
        bars.to_parquet(folder / BARS, index=False)


def read_bars(folder: Path) -> pd.DataFrame | None:
    """Return the newest bars in a folder, None where there are none."""
    path = folder / BARS
    return pd.read_parquet(path) if path.exists() else None


def read_split(folder: Path, columns: list[str] | None = None) -> PreparedSplit:
    """Return the split in `folder`, its rows mapped from disk.

    Args:
        folder: of the split.
        columns: of its samples; all by default, and the bars; with none at all neither is read.

    Raises:
        UserError: the folder is missing or incomplete.
    """
    try:
        rows = np.load(folder / "rows.npy", mmap_mode="r", allow_pickle=False)
        samples = pd.read_parquet(folder / "samples.parquet", columns=columns)
        content = json.loads((folder / "schema.json").read_text(encoding="utf-8"))
        bars = None if columns is not None else read_bars(folder)
        return PreparedSplit(rows, samples, Schema.from_json(content), bars)
    except OSError:
        fault = "no prepared split"
    except (EOFError, ValueError, LookupError, TypeError) as error:
        fault = f"no complete prepared split ({' '.join(str(error).split())})"
    raise UserError(f"{folder}: {fault}; run `tribar prepare` or `dvc repro`")


def class_returns(samples: pd.DataFrame) -> NDArray[np.float64]:
    """Return the mean exit return of each class, (3,), 0 for one that there is not.

    >>> class_returns(pd.DataFrame({"label": [1, 1, -1], "exit_return": [0.02, 0.04, -0.01]}))
    array([-0.01,  0.  ,  0.03])
    """
    index = class_index(samples["label"].to_numpy())
    counts = np.bincount(index, minlength=len(CLASSES))
    sums = np.bincount(index, weights=samples["exit_return"], minlength=len(CLASSES))
    means: NDArray[np.float64] = sums / np.maximum(counts, 1)
    return means


def class_index(labels: Sequence[int] | NDArray[np.int8]) -> NDArray[np.int64]:
    """Return each label's position in `CLASSES`.

    >>> class_index([-1, 1, 0])
    array([0, 2, 1])
    """
    return np.searchsorted(CLASSES, np.asarray(labels)).astype(np.int64)
