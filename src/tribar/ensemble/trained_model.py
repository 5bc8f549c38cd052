"""What all trainings of one configuration come to: a calibrated model, and how it did on folds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tribar.dataset.schema import CLASSES
from tribar.ensemble.calibration import Calibration, class_shares, fit_temperature, fit_weight
from tribar.ensemble.ensemble import Ensemble, ensemble, mean_prediction
from tribar.ensemble.fold_training import FoldPrediction
from tribar.ensemble.training import Configuration, Trained, trained_networks
from tribar.metrics.scores import losses
from tribar.model.folds import Fold
from tribar.model.network.classifier import RecurrentClassifier
from tribar.model.training.trainer import TrainedNetwork


@dataclass(frozen=True)
class TrainedModel:
    """A model and all that its trainings left.

    Attributes:
        networks: one a seed, with their learning curves.
        model: the networks as one, calibrated.
        folds: what networks of the same configuration say of each purged fold.
    """

    networks: Sequence[TrainedNetwork]
    model: Ensemble
    folds: Sequence[FoldPrediction]

    def metrics(self) -> dict[str, Any]:
        """Return the log-losses over folds and over seeds, and the weight of the model itself."""
        labels = np.array(CLASSES)
        folds = [float(losses(labels[one.target], one.chosen).mean()) for one in self.folds]
        return {
            "kfold": spread(folds),
            "validation": spread([one.best_loss for one in self.networks]),
            "shrinkage": self.model.calibration.weight,
        }


def spread(values: Sequence[float]) -> dict[str, float]:
    """Return mean and sample standard deviation, 0 for a single value.

    >>> spread([1.0, 2.0, 3.0])
    {'mean': 2.0, 'std': 1.0}
    """
    std = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    return {"mean": float(np.mean(values)), "std": std}


def assemble(
    configuration: Configuration, trained: Sequence[Trained], folds: Sequence[FoldPrediction]
) -> TrainedModel:
    """Return the model that the trainings of the seeds and of the folds make."""
    split = configuration.fold()
    networks = trained_networks(trained, split, configuration)
    kind = configuration.training.calibration
    calibration = calibrate(kind, [one.network for one in networks], split, folds)
    return TrainedModel(
        networks, ensemble(networks, split, configuration.hyper, calibration), folds
    )


def calibrate(
    kind: str,
    networks: Sequence[RecurrentClassifier],
    split: Fold,
    folds: Sequence[FoldPrediction],
) -> Calibration:
    """Return the calibration of an ensemble.

    Args:
        kind: "none"; "shrink" to the class prior, by one weight for the predictions of all folds;
            or "temperature", fitted on the validation windows.
        networks: of the ensemble.
        split: what they were trained and validated on.
        folds: what networks of the same configuration say of the folds.
    """
    prior = tuple(class_shares(split.train.target.cpu().numpy()).tolist())
    if kind == "shrink":
        return Calibration(weight=out_of_fold_weight(folds), prior=prior)
    if kind == "temperature":
        target = split.validation.target.cpu().numpy()
        temperature = fit_temperature(mean_prediction(networks, split.validation), target)
        return Calibration(temperature=temperature, prior=prior)
    return Calibration(prior=prior)


def out_of_fold_weight(folds: Sequence[FoldPrediction]) -> float:
    """Return the one weight of the least log-loss on all folds, each shrunk to its own prior."""
    return fit_weight(
        np.concatenate([one.fixed for one in folds]),
        np.concatenate([np.broadcast_to(one.prior, one.fixed.shape) for one in folds]),
        np.concatenate([one.target for one in folds]),
    )
