"""What every peer trains: stacked windows in a DataLoader, torch's LSTM, Adam."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.sample import fold_of
from tribar.dataset.prepared import read_split
from tribar.model.windows import Windows

CLIP_NORM, SCORING_BATCH = 1.0, 512


@dataclass(frozen=True)
class Sample:
    """Windows, (samples, window, features), with their labels."""

    train: TensorDataset
    check: TensorDataset

    @property
    def n_features(self) -> int:
        """Return the number of features."""
        return int(self.train.tensors[0].shape[2])


class Model(nn.Module):
    """An LSTM and a linear layer on its last state."""

    def __init__(self, n_features: int, hyper: dict[str, Any]) -> None:
        super().__init__()
        hidden, layers, dropout = (hyper[x] for x in ("hidden_dim", "num_layers", "dropout"))
        between = dropout if layers > 1 else 0.0
        self.lstm = nn.LSTM(n_features, hidden, layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, 3)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        logits: torch.Tensor = self.head(self.dropout(self.lstm(windows)[0][:, -1]))
        return logits


def stacked(data: Path) -> Sample:
    """Return the windows of a prepared split, scaled by its training rows."""
    fold = fold_of(read_split(data))
    return Sample(stack(fold.train), stack(fold.validation))


def stack(windows: Windows) -> TensorDataset:
    """Return windows one upon the other, with their labels."""
    rows, last = windows.rows.numpy(), windows.last.tolist()
    each = np.stack([rows[one - windows.window + 1 : one + 1] for one in last])
    return TensorDataset(torch.from_numpy(each), windows.target)


def validation_losses(
    model: Model, hyper: dict[str, Any], sample: Sample, epochs: int
) -> Iterator[float]:
    """Train, and yield the validation loss after each epoch."""
    optimizer = torch.optim.Adam(model.parameters(), lr=hyper["learning_rate"])
    loader = DataLoader(sample.train, batch_size=hyper["batch_size"], shuffle=True)
    loss_of = nn.CrossEntropyLoss()
    for _ in range(epochs):
        model.train()
        for windows, target in loader:
            optimizer.zero_grad()
            loss_of(model(windows), target).backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP_NORM)
            optimizer.step()
        yield mean_loss(model, sample.check)


def mean_loss(model: Model, windows: TensorDataset) -> float:
    """Return the mean cross-entropy over windows."""
    model.eval()
    with torch.no_grad():
        total = sum(
            nn.functional.cross_entropy(model(rows), target, reduction="sum").item()
            for rows, target in DataLoader(windows, batch_size=SCORING_BATCH)
        )
    return total / len(windows)
