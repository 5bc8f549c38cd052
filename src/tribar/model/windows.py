"""Windows as views by index into the resident rows: memory grows with rows alone."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from tribar.market.prepared import class_index


@dataclass(frozen=True)
class Windows:
    """Samples whose windows are gathered from scaled rows when a batch asks for them.

    Attributes:
        rows: float32, (rows, features), scaled, on the device.
        last: int64, (samples,), each window's last row.
        target: int64, (samples,), each label's position in `CLASSES`.
        window: rows in a window.
    """

    rows: Tensor
    last: Tensor
    target: Tensor
    window: int

    @classmethod
    def of(cls, rows: Tensor, samples: pd.DataFrame, window: int) -> Self:
        """Return the windows of `samples` over rows that are already on the device."""
        last = torch.from_numpy(samples["last"].to_numpy(np.int64, copy=True)).to(rows.device)
        target = torch.from_numpy(class_index(samples["label"].to_numpy())).to(rows.device)
        return cls(rows, last, target, window)

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.last)

    def gather(self, samples: Tensor) -> Tensor:
        """Return the windows, (batch, window, features), of the samples at these positions."""
        steps = torch.arange(1 - self.window, 1, device=self.last.device)
        return self.rows[self.last[samples, None] + steps]


def resident(rows: NDArray[np.float32], device: str) -> Tensor:
    """Return scaled rows as a tensor on the device."""
    return torch.from_numpy(np.ascontiguousarray(rows)).to(device)
