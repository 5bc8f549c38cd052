"""What training minimises: a loss a sample, and its weighted mean."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from tribar.dataset.schema import CLASSES
from tribar.model.config import Hyperparameters

Loss = Callable[[Tensor, Tensor, Tensor], Tensor]
"""From logits, (n, classes), targets, (n,), and weights, (n,), to the mean loss.

A weight is the uniqueness of a sample's label, or 0 where there is no sample.
"""


_EASIEST = 1e-6
"""Least weight of the focal loss: a power below 1 has no slope that is a number at 0."""


def make_loss(target: Tensor, hyper: Hyperparameters) -> Loss:
    """Return the loss that the configuration names.

    Args:
        target: (samples,), of all training samples: class weights come from their counts.
        hyper: the configuration.
    """
    by_class = class_weights(target, hyper)

    def mean_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
        if hyper.sample_weights == "none":
            weight = (weight > 0).to(weight.dtype)
        each = nn.functional.cross_entropy(
            logits, target, by_class, reduction="none", label_smoothing=hyper.label_smoothing
        )
        if hyper.loss == "focal":
            each = each * _hardness(logits, target) ** hyper.focal_gamma
        total = weight if by_class is None else weight * by_class[target]
        return (each * weight).sum() / total.sum()

    return mean_loss


def _hardness(logits: Tensor, target: Tensor) -> Tensor:
    """Return 1 - p of the right class, the focal loss's weight (Lin et al., 2017)."""
    probability = torch.softmax(logits, dim=1).gather(1, target[:, None])[:, 0]
    return (1 - probability).clamp(min=_EASIEST)


def class_weights(target: Tensor, hyper: Hyperparameters) -> Tensor | None:
    """Return weights inversely proportional to the class counts, mean 1 over the samples."""
    if hyper.class_weights == "none":
        return None
    counts = torch.bincount(target.cpu(), minlength=len(CLASSES)).float().to(target.device)
    return len(target) / (len(CLASSES) * counts.clamp(min=1))
