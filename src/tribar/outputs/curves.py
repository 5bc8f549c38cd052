"""Learning curves as a table for DVC's plots."""

from collections.abc import Sequence

import pandas as pd

from tribar.model.training.trainer import TrainedNetwork


def curve_table(trained: Sequence[TrainedNetwork]) -> pd.DataFrame:
    """Return one line an epoch of every network: seed, epoch, training and validation loss."""
    lines = [
        (seed, epoch, train, validation)
        for seed, one in enumerate(trained)
        for epoch, (train, validation) in enumerate(zip(one.train_curve, one.curve, strict=True))
    ]
    return pd.DataFrame(lines, columns=["seed", "epoch", "train_loss", "validation_loss"])
