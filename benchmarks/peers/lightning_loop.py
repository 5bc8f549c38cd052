"""Lightning's training loop with Optuna's pruning callback."""

import logging
import warnings
from typing import Any

import lightning
import optuna
import torch
from lightning.pytorch.callbacks import Callback
from optuna_integration import PyTorchLightningPruningCallback
from torch import nn
from torch.utils.data import DataLoader

from benchmarks.peers.logbook import Logbook, arguments
from benchmarks.peers.loop import CLIP_NORM, SCORING_BATCH, Model, stacked
from benchmarks.peers.space import make_study, suggest


class Module(lightning.LightningModule):  # type: ignore[misc]
    """The peers' model, as Lightning wants it."""

    def __init__(self, model: Model, learning_rate: float) -> None:
        super().__init__()
        self.model, self._learning_rate = model, learning_rate

    def training_step(self, batch: list[torch.Tensor], _: int) -> torch.Tensor:
        """Return the batch's loss."""
        return nn.functional.cross_entropy(self.model(batch[0]), batch[1])

    def validation_step(self, batch: list[torch.Tensor], _: int) -> None:
        """Log the batch's loss; Lightning averages by the samples."""
        self.log("loss", self.training_step(batch, 0), batch_size=len(batch[1]))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Return Adam."""
        return torch.optim.Adam(self.model.parameters(), lr=self._learning_rate)


class Note(Callback):  # type: ignore[misc]
    """Puts the validation loss after each epoch into the logbook."""

    def __init__(self, book: Logbook, trial: int, hyper: dict[str, Any]) -> None:
        self._book, self._trial, self._hyper = book, trial, hyper

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        """Note the epoch."""
        loss = float(trainer.callback_metrics["loss"])
        self._book.note(self._trial, loss, module.model, self._hyper)


def main() -> None:
    """Run the study."""
    asked = arguments(__doc__).parse_args()
    torch.manual_seed(asked.seed)
    sample, book = stacked(asked.data), Logbook(asked.folder)
    check = DataLoader(sample.check, batch_size=SCORING_BATCH)

    def objective(trial: optuna.Trial) -> float:
        hyper = suggest(trial)
        model = Model(sample.n_features, hyper)
        train = DataLoader(sample.train, batch_size=hyper["batch_size"], shuffle=True)
        pruning = PyTorchLightningPruningCallback(trial, monitor="loss")
        trainer = lightning.Trainer(
            accelerator="cpu", max_epochs=asked.epochs, gradient_clip_val=CLIP_NORM,
            callbacks=[Note(book, trial.number, hyper), pruning], num_sanity_val_steps=0,
            logger=False, enable_checkpointing=False, enable_progress_bar=False,
            enable_model_summary=False,
        )  # fmt: skip
        trainer.fit(Module(model, hyper["learning_rate"]), train, check)
        return min(trial.study.trials[trial.number].intermediate_values.values())

    study = make_study(asked.seed)
    study.optimize(objective, n_trials=asked.trials)
    book.write(event="end")
    book.score_winner(asked.data)


if __name__ == "__main__":
    warnings.filterwarnings("ignore")
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    main()
