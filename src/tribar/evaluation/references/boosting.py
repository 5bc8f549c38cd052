"""Gradient-boosted trees, their inputs, depth and rounds chosen on validation."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier

from tribar.dataset.schema import CLASSES
from tribar.evaluation.references.decisions import Decisions
from tribar.evaluation.references.multinomial import class_prior
from tribar.evaluation.references.tuned import Settings, Tuned, tuned
from tribar.metrics.predictions import Probability, label_index
from tribar.metrics.scores import losses

DEPTHS = (1, 3)
"""Of the trees: 1 adds functions of single inputs, 3 lets three of them act together."""

STEP = 40
"""Rounds of boosting, a tree for each class in each, that are added at a time.

No more are, once the last ones have brought no lower validation loss.
"""

MOST_ROUNDS = 500

LEARNING_RATE = 0.05


@dataclass(frozen=True)
class Boosted:
    """Fitted trees, with 0 for the classes that they have not met."""

    trees: HistGradientBoostingClassifier

    def probability(self, inputs: NDArray[np.float64]) -> Probability:
        """Return the probabilities, (n, 3), of inputs, (n, inputs)."""
        return _complete(self.trees, self.trees.predict_proba(inputs))


def tune_boosting(
    train: Decisions, validation: Decisions, choices: tuple[tuple[int, ...], ...]
) -> Tuned:
    """Return trees whose inputs, depth and rounds validation found worth it, or the class prior.

    All training decisions make every tree, so that nothing is drawn at random, and validation
    says after how many to stop (Friedman, "Greedy function approximation", 2001, section 5). From
    the prior on, the first inputs and the lowest depth first, what is tried next takes the place of
    what was best so far only where its loss is lower by more than a standard error of the
    difference: the luckiest of so many is seldom the best.

    Args:
        train: learned from.
        validation: chosen on.
        choices: lags of the bars that may be inputs, the fewest first.

    Raises:
        UserError: labels are empty or not in `CLASSES`.
    """
    target = label_index(train.labels)
    prior = class_prior(target, len(choices[0]) * train.rows.shape[1])
    best = tuned(prior, choices[0], Settings(len(choices[0]), depth=0, rounds=0), validation)
    if len(np.unique(target)) == 1:
        return best
    for lags in choices:
        inputs, unseen = train.gather(lags), validation.gather(lags)
        for depth in DEPTHS:
            rounds, found = _best_rounds(depth, inputs, target, unseen, validation)
            if _clearly_lower(found, best.losses):
                trees = _trees(depth).set_params(max_iter=rounds).fit(inputs, target)
                settings = Settings(len(lags), depth=depth, rounds=rounds)
                best = Tuned(Boosted(trees), lags, settings, found)
    return best


def _best_rounds(
    depth: int,
    inputs: NDArray[np.float64],
    target: NDArray[np.int64],
    unseen: NDArray[np.float64],
    validation: Decisions,
) -> tuple[int, NDArray[np.float64]]:
    """Return the rounds of least mean loss on the unseen inputs, and the losses after them."""
    trees, best = _trees(depth), (0, np.empty(0))
    for most in range(STEP, MOST_ROUNDS + 1, STEP):
        trees.set_params(max_iter=most).fit(inputs, target)
        each = enumerate(_losses(trees, unseen, validation), start=1)
        best = min(each, key=lambda one: float(one[1].mean()))
        if best[0] <= most - STEP:
            break
    return best


def _clearly_lower(ours: NDArray[np.float64], theirs: NDArray[np.float64]) -> bool:
    difference = theirs - ours
    return bool(difference.mean() > difference.std() / np.sqrt(len(difference)))


def _trees(depth: int) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        learning_rate=LEARNING_RATE,
        max_depth=depth,
        early_stopping=False,
        warm_start=True,
        random_state=0,
    )


def _losses(
    trees: HistGradientBoostingClassifier, inputs: NDArray[np.float64], decisions: Decisions
) -> Iterator[NDArray[np.float64]]:
    """Yield each decision's log-loss after each round."""
    for probability in trees.staged_predict_proba(inputs):
        yield losses(decisions.labels, _complete(trees, probability))


def _complete(trees: HistGradientBoostingClassifier, probability: Probability) -> Probability:
    full = np.zeros((len(probability), len(CLASSES)))
    full[:, trees.classes_] = probability
    return full
