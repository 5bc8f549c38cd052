"""Windows as views by index into rows on the device: memory grows with rows alone."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from tribar.dataset.prepared import class_index
from tribar.dataset.schema import Schema
from tribar.model.training.out_of_memory import oom_guard


@dataclass(frozen=True, eq=False)
class Inputs:
    """Windows that are gathered from scaled rows when a batch asks for them.

    Attributes:
        rows: float32, (rows, features), scaled, on the device.
        last: int64, (samples,), each window's last row.
        window: rows in a window.
    """

    rows: Tensor
    last: Tensor
    window: int

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.last)

    def gather(self, samples: Tensor) -> Tensor:
        """Return the windows, (batch, window, features), at these positions."""
        steps = torch.arange(1 - self.window, 1, device=self.last.device)
        return self.rows[self.last[samples, None] + steps]


@dataclass(frozen=True, eq=False)
class Windows(Inputs):
    """The windows of samples, with what is known of each.

    Attributes:
        target: int64, (samples,), each label's position in `CLASSES`.
        weight: float32, (samples,), uniqueness, mean 1.
        decision: int64, (samples,), time of each decision, in nanoseconds since the epoch.
        exit_return: float32, (samples,), from the decision to the exit; NaN where it is not known.
        runs: int64, (runs, 2), on the CPU: the first decision's row and the row after the last
            one's, of decisions of one symbol whose windows leave no row between them out.
        sample_at: int64, (rows,), the sample whose decision falls on a row; -1 for none.
        schema: of the rows.
    """

    target: Tensor
    weight: Tensor
    decision: Tensor
    exit_return: Tensor
    runs: Tensor
    sample_at: Tensor
    schema: Schema

    @classmethod
    def of(cls, rows: Tensor, samples: pd.DataFrame, schema: Schema) -> Self:
        """Return the windows of `samples` over rows that are already on the device."""
        last = samples["last"].to_numpy(np.int64, copy=True)
        weight = samples["weight"].to_numpy(np.float32)
        sample_at = np.full(len(rows), -1)
        sample_at[last] = np.arange(len(last))
        tensors = {
            "last": last,
            "target": class_index(samples["label"].to_numpy()),
            "weight": weight / weight.mean(),
            "decision": samples["decision"].to_numpy(np.dtype("datetime64[ns]")).astype(np.int64),
            "exit_return": samples["exit_return"].to_numpy(np.float32, copy=True),
            "sample_at": sample_at,
        }
        moved = {name: torch.from_numpy(one).to(rows.device) for name, one in tensors.items()}
        runs = torch.from_numpy(find_runs(samples, schema.window))
        return cls(rows=rows, runs=runs, window=schema.window, schema=schema, **moved)


def find_runs(samples: pd.DataFrame, window: int) -> NDArray[np.int64]:
    """Return the runs of decisions, (runs, 2): first row, and row after the last.

    A run ends where the symbol does, and where the next window leaves out a row: at the edge of a
    fold, behind which lie bars that must not be seen.

    >>> samples = pd.DataFrame({"symbol": list("aaaab"), "last": [4, 5, 6, 11, 15]})
    >>> find_runs(samples, window=4)
    array([[ 4,  7],
           [11, 12],
           [15, 16]])
    """
    ordered = samples[["last", "symbol"]].sort_values("last")
    last, symbol = ordered["last"].to_numpy(np.int64), pd.factorize(ordered["symbol"])[0]
    breaks = (symbol[1:] != symbol[:-1]) | (last[1:] - window >= last[:-1] + 1)
    starts = np.concatenate([[True], breaks])
    return np.stack([last[starts], last[np.append(breaks, True)] + 1], axis=1)


def to_device(rows: NDArray[np.float32] | Tensor, device: str) -> Tensor:
    """Return scaled rows as a tensor on the device.

    Raises:
        OutOfMemoryError: they do not fit.
    """
    with oom_guard(f"the {rows.shape[0]:,} rows of {rows.shape[1]} features"):
        return torch.as_tensor(rows, device=device).contiguous()
