"""The usual script: Optuna, a DataLoader over stacked windows, nn.LSTM and a median pruner."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import optuna
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from benchmarks.peers.space import suggest
from tribar.market.prepared import class_index, read_split
from tribar.market.scaling import Scaler


class Model(nn.Module):
    """An LSTM and a linear layer on its last state."""

    def __init__(self, n_features: int, hidden: int, layers: int, dropout: float) -> None:
        super().__init__()
        between = dropout if layers > 1 else 0.0
        self.lstm = nn.LSTM(n_features, hidden, layers, batch_first=True, dropout=between)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, 3)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        logits: torch.Tensor = self.head(self.dropout(self.lstm(windows)[0][:, -1]))
        return logits


def stacked(data: Path) -> tuple[TensorDataset, TensorDataset]:
    """Return training and validation windows, (samples, window, features), with their labels."""
    split = read_split(data)
    window = split.schema.window
    scaler = Scaler.fit(split.rows, split.part("train")["last"].to_numpy(), window)
    rows = scaler.apply(split.rows)
    parts = []
    for name in ("train", "validation"):
        samples = split.part(name)
        windows = np.stack([rows[last - window + 1 : last + 1] for last in samples["last"]])
        target = torch.from_numpy(class_index(samples["label"].to_numpy()))
        parts.append(TensorDataset(torch.from_numpy(windows), target))
    return parts[0], parts[1]


def main() -> None:
    """Run the study and print, as JSON, when each best validation loss was reached."""
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--threads", type=int, default=0, help="0: torch's own choice")
    asked = parser.parse_args()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    train, check = stacked(asked.data)
    events: list[tuple[float, float]] = []
    begin = time.perf_counter()

    def objective(trial: optuna.Trial) -> float:
        hyper = suggest(trial)
        model = Model(
            train.tensors[0].shape[2], hyper["hidden_dim"], hyper["num_layers"], hyper["dropout"]
        )
        optimizer = torch.optim.Adam(model.parameters(), lr=hyper["learning_rate"])
        loader = DataLoader(train, batch_size=hyper["batch_size"], shuffle=True)
        scoring = DataLoader(check, batch_size=512)
        loss_of, best = nn.CrossEntropyLoss(), float("inf")
        for epoch in range(asked.epochs):
            model.train()
            for windows, target in loader:
                optimizer.zero_grad()
                loss_of(model(windows), target).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
            model.eval()
            with torch.no_grad():
                total = sum(
                    nn.functional.cross_entropy(model(windows), target, reduction="sum").item()
                    for windows, target in scoring
                )
            best = min(best, total / len(check))
            events.append((time.perf_counter() - begin, best))
            trial.report(best, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return best

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        sampler=optuna.samplers.TPESampler(seed=asked.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=2, n_warmup_steps=2),
    )
    study.optimize(objective, n_trials=asked.trials, n_jobs=asked.jobs)
    print(json.dumps(sorted(events)))


if __name__ == "__main__":
    main()
