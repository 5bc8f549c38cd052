"""Evaluation: what predictions are worth. Knows labels and probabilities, no tensor, no path."""

from tribar.evaluation.calibration import confusion_pairs, reliability_table
from tribar.evaluation.permutation import Importance, importance
from tribar.evaluation.predictions import CLASS_NAMES, Probability
from tribar.evaluation.references import logistic, prior, uniform
from tribar.evaluation.scores import Scores, losses, named_scores, score
from tribar.evaluation.selection import SelectionGap, selection_gap
from tribar.evaluation.uncertainty import Difference, paired_block_bootstrap
from tribar.evaluation.verdict import Verdict, judge

__all__ = [
    "CLASS_NAMES",
    "Difference",
    "Importance",
    "Probability",
    "Scores",
    "SelectionGap",
    "Verdict",
    "confusion_pairs",
    "importance",
    "judge",
    "logistic",
    "losses",
    "named_scores",
    "paired_block_bootstrap",
    "prior",
    "reliability_table",
    "score",
    "selection_gap",
    "uniform",
]
