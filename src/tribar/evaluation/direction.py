"""Direction and size: whether a barrier is touched, and which, judged apart."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import rankdata

from tribar.evaluation.interval import Interval, MeanIntervals
from tribar.metrics.predictions import EPSILON, Labels, Probability, check


@dataclass(frozen=True)
class LossParts:
    """A difference of mean log-losses, ours minus theirs, and the two parts that add up to it.

    Attributes:
        whole: the difference, in nats.
        touch: the part that says whether a barrier is touched.
        side: the part that says which, 0 where none is touched; a mean over all samples too.
    """

    whole: Interval
    touch: Interval
    side: Interval


@dataclass(frozen=True)
class Side:
    """How well the touched barrier is told, over the samples where one is touched.

    Attributes:
        touched: number of these samples.
        auc: probability that of an upper and a lower touch the upper has the larger
            p(up) / (p(up) + p(down)); 0.5 says nothing.
        hit_rate: share whose more probable side is the touched one.
        always_up: share whose upper barrier is touched: the hit rate of always saying up.
        advantage: hit rate minus always_up.
    """

    touched: int
    auc: Interval
    hit_rate: Interval
    always_up: float
    advantage: Interval


@dataclass(frozen=True)
class Direction:
    """What a model says about size, that a barrier is touched, and about direction, which.

    Attributes:
        parts: of the difference to each reference, by its name.
        side: of the model alone; None where it cannot be judged.
        reason: why not, or nothing.
    """

    parts: Mapping[str, LossParts]
    side: Side | None
    reason: str = ""

    def record(self, reference: str) -> dict[str, float | str]:
        """Return the figures that matter first by key, for JSON."""
        parts = self.parts[reference]
        found = {"touch": parts.touch.value, "side": parts.side.value}
        if self.side is None:
            return {**found, "reason": self.reason}
        auc, hit_rate = self.side.auc.value, self.side.hit_rate.value
        return {**found, "auc": auc, "hit_rate": hit_rate, "always_up": self.side.always_up}

    def table(self) -> pd.DataFrame:
        """Return all figures: columns quantity, other (compared with), value, low and high."""
        each = [
            (name, other, one)
            for other, parts in self.parts.items()
            for name, one in (("touch", parts.touch), ("side", parts.side))
        ]
        if self.side is not None:
            each += [
                ("auc", "", self.side.auc),
                ("hit_rate", "", self.side.hit_rate),
                ("hit_rate", "always_up", self.side.advantage),
            ]
        lines = [(name, other, one.value, one.low, one.high) for name, other, one in each]
        return pd.DataFrame(lines, columns=["quantity", "other", "value", "low", "high"])

    def sentence(self, reference: str) -> str:
        """Return for a reader what the difference to a reference is made of.

        >>> parts = LossParts(Interval(-0.05), Interval(-0.045, -0.08, -0.01), Interval(-0.005))
        >>> side = Side(90, Interval(0.55), Interval(0.57), 0.61, Interval(-0.04, -0.1, 0.02))
        >>> print(Direction({"prior": parts}, side).sentence("prior"))
        of -0.0500 against the prior, -0.0450 [-0.0800, -0.0100] says whether a barrier is touched \
and -0.0050 which; where one is touched the side's AUC is 0.550, hit rate 0.570 beside 0.610 of \
always up (-0.040 [-0.100, +0.020])
        """
        parts, side = self.parts[reference], self.side
        found = (
            f"of {parts.whole.value:+z.4f} against the {reference}, {parts.touch.text()} says "
            f"whether a barrier is touched and {parts.side.text()} which"
        )
        if side is None:
            return f"{found}; {self.reason}"
        return (
            f"{found}; where one is touched the side's AUC is {side.auc.text('.3f')}, hit rate "
            f"{side.hit_rate.text('.3f')} beside {side.always_up:.3f} of always up "
            f"({side.advantage.text('+z.3f')})"
        )


def direction(
    samples: pd.DataFrame,
    ours: Probability,
    references: Mapping[str, Probability],
    confidence: float,
) -> Direction:
    """Return what our probabilities say about size and about direction.

    Args:
        samples: columns label, decision and label_end, (n,).
        ours: of the samples, (n, 3).
        references: as ours, by name.
        confidence: of the intervals.

    Raises:
        UserError: labels or probabilities are not valid.
    """
    labels, intervals = samples["label"].to_numpy(), MeanIntervals.over(samples, confidence)
    own = part_losses(labels, ours)
    parts = {}
    for name, other in references.items():
        theirs = part_losses(labels, other)
        touch, side = own[0] - theirs[0], own[1] - theirs[1]
        parts[name] = LossParts(*(intervals.of(each) for each in (touch + side, touch, side)))
    if reason := _unjudged(labels):
        return Direction(parts, None, reason)
    touched = labels != 0
    return Direction(parts, _side(labels[touched] > 0, ours[touched], intervals.among(touched)))


def part_losses(
    labels: Labels, probability: Probability
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return each sample's log-loss of touched or not, and of which side, both (n,), in nats.

    With p(touched) = p(down) + p(up), -ln p(up) = -ln p(touched) - ln (p(up) / p(touched)), so
    that the two add up to the loss of the three classes. A sample that touches nothing has no
    loss of the side. Probabilities below `EPSILON` count as `EPSILON`, as in `losses`.

    >>> touch, side = part_losses(np.array([1, 0]), np.array([[0.2, 0.2, 0.6], [0.4, 0.5, 0.1]]))
    >>> touch.round(4), side.round(4)
    (array([0.2231, 0.6931]), array([0.2877, 0.    ]))

    Raises:
        UserError: labels or probabilities are not valid.
    """
    actual = check(labels, probability)
    down, flat, up = np.clip(probability, EPSILON, 1).T
    touched, is_flat = down + up, labels == 0
    touch = -np.log(np.where(is_flat, flat, touched))
    side = np.log(np.where(is_flat, 1.0, touched / np.where(actual == 0, down, up)))
    return touch, side


def auc_influences(upper: NDArray[np.bool_], score: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a value a sample, (n,), whose mean is the AUC and whose spread is its error's.

    The structural components of DeLong, DeLong and Clarke-Pearson (1988), by ranks as in Sun and
    Xu (2014): of a positive the share of negatives that score less, of a negative the share of
    positives that score more, ties half. Each departs from the AUC in proportion to the
    inverse share of its class, so that a standard error of the mean that allows for
    dependence between samples is one of the AUC.

    >>> upper, score = np.array([True, False, True, False]), np.array([0.9, 0.5, 0.4, 0.1])
    >>> auc_influences(upper, score)
    array([1.25, 0.25, 0.25, 1.25])

    Args:
        upper: whether a sample is positive; both kinds occur.
        score: larger where it is thought to be.
    """
    rank, own = rankdata(score), np.empty(len(score))
    for kind in (True, False):
        own[upper == kind] = rankdata(score[upper == kind])
    positives = int(upper.sum())
    of_class = np.where(upper, positives, len(upper) - positives)
    less = (rank - own) / (len(upper) - of_class)
    component = np.where(upper, less, 1 - less)
    auc = float(component[upper].mean())
    influences: NDArray[np.float64] = auc + (component - auc) * len(upper) / of_class
    return influences


def _side(upper: NDArray[np.bool_], ours: Probability, intervals: MeanIntervals) -> Side:
    down, _, up = np.clip(ours, EPSILON, 1).T
    score = up / (down + up)
    hits = ((up > down) == upper).astype(np.float64)
    return Side(
        len(upper),
        intervals.of(auc_influences(upper, score)).clipped(0, 1),
        intervals.of(hits).clipped(0, 1),
        float(upper.mean()),
        intervals.of(hits - upper),
    )


def _unjudged(labels: Labels) -> str:
    """Say why no direction can be judged; empty where it can."""
    up, down = int((labels > 0).sum()), int((labels < 0).sum())
    if up and down:
        return ""
    if not up and not down:
        return "no sample touches a barrier, so that there is no direction to tell"
    barrier = "upper" if up else "lower"
    return f"all {up + down} samples that touch a barrier touch the {barrier} one: no side to tell"
