"""What each option of the network and its recipe does for the baseline on the sample."""

import statistics

from benchmarks.records import Record, alone, beside, write
from benchmarks.sample import read, sample_fold
from tribar.model.folds import Fold
from tribar.model.training.trainer import train
from tribar.runtime import open_device

SEEDS = 5
PLAIN = ("training.max_epochs=6", "training.patience=2")
OPTIONS = (
    "model.cell=gru", "model.num_layers=1", "model.layer_norm=true", "model.residual=true",
    "model.dropout_kind=locked", "model.dropout=[0.2, 0.5]", "model.input_dropout=0.2",
    "model.features=returns+volatility", "model.pooling=mean", "model.pooling=attention",
    "model.pooling=multi_head", "model.skip_rows=1", "model.skip_rows=3",
    "training.optimizer=adamw and training.weight_decay=0.1", "training.optimizer=radam",
    "training.optimizer=sgd and training.learning_rate=0.1", "training.schedule=warmup",
    "training.schedule=cosine", "training.schedule=warmup_cosine", "training.schedule=one_cycle",
    "training.schedule=plateau", "training.loss=focal", "training.label_smoothing=0.1",
    "training.class_weights=balanced", "training.sample_weights=none", "training.averaging=ema",
    "training.averaging=swa", "training.supervision=sliding",
    "training.supervision=sliding and model.bidirectional=true",
)  # fmt: skip


def losses(fold: Fold, *overrides: str) -> list[float]:
    """Return the best validation loss of each seed."""
    params = read(*PLAIN, *overrides)
    hyper = params.training.complete(params.model)
    return [train(fold, hyper, params.training, seed).best_loss for seed in range(SEEDS)]


def measure() -> list[Record]:
    """Return the mean over seeds of each option beside the plain network's."""
    open_device("cpu")
    fold = sample_fold()
    without = losses(fold)
    plain, spread = statistics.mean(without), statistics.stdev(without)
    what = f"the sample: the baseline, standard deviation over {SEEDS} seeds"
    found = [alone(what, spread, "nats")]
    for option in OPTIONS:
        together = option.split(" and ")
        mean = statistics.mean(losses(fold, *together))
        named = " and ".join(f"`{one}`" for one in together)
        work = f"the sample: best validation loss with {named}, mean of {SEEDS} seeds"
        found.append(beside(work, mean, plain, "without", "nats"))
    return found


if __name__ == "__main__":
    write("options", measure())
