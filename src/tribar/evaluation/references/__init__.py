"""References: the simpler forecasts without which no score means anything, tuned on validation.

Each learns from the training decisions, chooses on the validation decisions how much of what it
learned to believe, down to nothing at all, which is the class prior, and is not fitted again.
"""

from tribar.evaluation.references.decisions import Decisions
from tribar.evaluation.references.fit import (
    MOST_DECISIONS,
    NAMES,
    Reference,
    fit_reference,
    fit_references,
)
from tribar.evaluation.references.linear import predict_linear
from tribar.evaluation.references.tuned import Settings
from tribar.evaluation.references.untuned import pool, uniform

__all__ = [
    "MOST_DECISIONS",
    "NAMES",
    "Decisions",
    "Reference",
    "Settings",
    "fit_reference",
    "fit_references",
    "pool",
    "predict_linear",
    "uniform",
]
