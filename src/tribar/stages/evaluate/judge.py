"""What everyone's forecasts allow to say: metrics, tables and lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import pandas as pd

from tribar.dataset.prepared import PreparedSplit
from tribar.evaluation.config import EvaluateParams
from tribar.evaluation.direction import direction
from tribar.evaluation.forecasts import BEST, Forecasts
from tribar.evaluation.importance import (
    drop_column_importance,
    importance_table,
    permutation_importance,
)
from tribar.evaluation.loss_table import loss_table
from tribar.evaluation.parts import skill_parts
from tribar.evaluation.permutation import NO_PERMUTATION, newest
from tribar.evaluation.references import MOST_DECISIONS, Reference, predict_linear
from tribar.evaluation.score_tables import (
    difference_table,
    probability_table,
    score_everyone,
    score_table,
    selection_table,
)
from tribar.evaluation.signal import returns_by_fifth, signal
from tribar.evaluation.verdict import Verdict, comparison_table, overall
from tribar.metrics.reliability import confusion_pairs, reliability_table
from tribar.metrics.scores import Scores
from tribar.stages.evaluate.forecasts import Everyone
from tribar.stages.evaluate.verdict import score_lines, verdict_lines

PRINCIPAL = ("best", "baseline", "prior", "uniform", "logistic")
"""Whose scores and comparisons are metrics; the others' are in scores.csv and comparison.csv."""

_SHOWN = ("log_loss", "brier", "accuracy", "balanced_accuracy", "macro_f1", "mcc", "ece", "skill")


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What evaluate writes.

    Attributes:
        metrics: those that DVC compares, few.
        tables: all else, by the name of their file.
        lines: the verdict for a reader.
    """

    metrics: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    lines: tuple[str, ...]


def judge(
    everyone: Everyone,
    development: PreparedSplit,
    tested: PreparedSplit,
    params: EvaluateParams,
    seed: int,
) -> Evaluation:
    """Return what can be said of the best model.

    Args:
        everyone: their forecasts.
        development: that they learned from.
        tested: the test split.
        params: of evaluate.
        seed: of the bootstrap.
    """
    test = everyone.test
    ours, others = test.probability[BEST], test.others()
    scores = score_everyone(test, params.calibration_bins)
    verdicts = test.verdicts(params.confidence, params.models_seen)
    kinds = direction(test.samples, ours, others, params.confidence)
    parts = skill_parts(test.samples, ours, others, params.confidence)
    learnt = development.part("train")
    acted = signal(learnt, test.samples, ours, params.cost, params.confidence)
    leads = selection_table(everyone.validation, test)
    tables = {
        **_tables(test, params, seed),
        "comparison": comparison_table(verdicts),
        "direction": kinds.table(),
        "parts": parts.table,
        "signal": acted.table(),
        "returns": returns_by_fifth(learnt, test.samples, ours, params.confidence),
        "selection": leads,
        "importance": _importance_table(everyone, development, tested, params.confidence),
        "references": _reference_table(everyone.references),
    }
    metrics = {
        **_metrics(test, scores, verdicts, params),
        "direction": kinds.record("prior"),
        "signal": acted.record(),
        "selection": leads.set_index("other").loc["logistic"].to_dict(),
    }
    kind = kinds.sentence("prior")
    lines = verdict_lines(verdicts, kind, score_lines(scores), params)
    notes = (*parts.notes, *_notes(everyone, development))
    return Evaluation(metrics, tables, (*lines, acted.sentence(), *notes))


def _notes(everyone: Everyone, development: PreparedSplit) -> Iterator[str]:
    """Yield what was not done, or on a part of the decisions alone."""
    if not everyone.permuted:
        yield NO_PERMUTATION
    samples = everyone.test.samples
    if (judged := int(newest(samples).sum())) < len(samples):
        yield f"permutation importance and attention: of the newest {judged:,} decisions"
    if (learnt := len(development.part("train"))) > MOST_DECISIONS:
        yield f"references: fitted on {MOST_DECISIONS:,} of {learnt:,} training decisions"


def _metrics(
    test: Forecasts,
    scores: Mapping[str, Scores],
    verdicts: Mapping[str, Verdict],
    params: EvaluateParams,
) -> dict[str, Any]:
    stated = {"confidence": params.confidence, "models_seen": params.models_seen}
    compared = {
        f"best_minus_{other}": one.record() for other, one in verdicts.items() if other in PRINCIPAL
    }
    decisions, times = len(test.samples), test.samples["decision"].nunique()
    return {
        **{who: _few(who, one) for who, one in scores.items()},
        "test": {"decisions": decisions, "times": times, "horizon": test.horizon},
        "comparison": {**stated, **compared},
        "verdict": overall(verdicts),
    }


def _few(who: str, scores: Scores) -> dict[str, float]:
    names = _SHOWN if who in PRINCIPAL else ("log_loss", "skill")
    return {name: scores.metrics()[name] for name in names}


def _tables(test: Forecasts, params: EvaluateParams, seed: int) -> dict[str, pd.DataFrame]:
    bins = params.calibration_bins
    return {
        "scores": score_table(test, bins),
        "differences": difference_table(test, params, seed),
        "losses": loss_table(test.samples, test.losses),
        "confusion": confusion_pairs(test.labels, test.probability[BEST]),
        "calibration": reliability_table(test.labels, test.probability, bins),
        "probabilities": probability_table(test.probability[BEST]),
    }


def _importance_table(
    everyone: Everyone, development: PreparedSplit, tested: PreparedSplit, confidence: float
) -> pd.DataFrame:
    """Return what groups the best model uses, and what each feature tells a regression."""
    judging = newest(tested.samples)
    judged, intact = tested.select(judging), everyone.test.probability[BEST][judging]
    strength = everyone.reference("logistic").settings.inverse_penalty or 0.0
    refit = partial(predict_linear, inverse_penalty=strength)
    return importance_table(
        (
            *permutation_importance(judged, intact, everyone.permuted),
            *drop_column_importance(development, refit, confidence),
        )
    )


def _reference_table(references: Sequence[Reference]) -> pd.DataFrame:
    """Return a line for each reference: what validation chose, and the loss there."""
    return pd.DataFrame(
        [
            {"reference": one.name, **asdict(one.settings), "validation_loss": one.loss}
            for one in references
        ]
    )
