"""Golden rows: inputs and outputs of the model by which another program can be checked."""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tribar.dataset.prepared import PreparedSplit, read_split
from tribar.dataset.schema import Schema
from tribar.ensemble.ensemble import Ensemble
from tribar.errors import UserError
from tribar.outputs.workspace import TEST

MOST = 20
"""Decisions, the newest."""
_ROWS = ("source_sha256", "features", "memory", "window", "definition")
"""What tells the rows of two schemas apart, whatever was learnt from them."""


@dataclass(frozen=True)
class GoldenRow:
    """What the model says of one decision.

    Attributes:
        symbol: that the decision is on.
        decision: its time, ISO 8601.
        window: unscaled features, a list a bar, the oldest first.
        probability: of each class, as tribar itself computes it.
    """

    symbol: str
    decision: str
    window: Sequence[Sequence[float]]
    probability: Sequence[float]


def find_test_split(schema: Schema, roots: Sequence[Path]) -> PreparedSplit | None:
    """Return the test split whose rows were made as those of a model; None without one.

    Args:
        schema: of the model.
        roots: folders in the repository's layout, the first that has it counts.
    """
    for root in roots:
        with suppress(UserError):  # what is not prepared, or in part, is not for this model
            split = read_split(root / TEST)
            if all(getattr(split.schema, name) == getattr(schema, name) for name in _ROWS):
                return split
    return None


def golden_rows(model: Ensemble, test: PreparedSplit) -> Iterator[GoldenRow]:
    """Yield the newest decisions of a test split, by symbol, then time; no label is among it."""
    chosen = np.zeros(len(test.samples), dtype=bool)
    chosen[np.argsort(test.samples["decision"].to_numpy(), kind="stable")[-MOST:]] = True
    newest = test.select(chosen)
    probability = model.predict(newest.rows, newest.last).tolist()
    columns = (newest.samples[name] for name in ("symbol", "decision", "last"))
    for symbol, decision, last, each in zip(*columns, probability, strict=True):
        window = newest.rows[last - test.schema.window + 1 : last + 1]
        yield GoldenRow(str(symbol), decision.isoformat(), window.tolist(), each)


def golden_json(rows: Sequence[GoldenRow]) -> str:
    """Return the rows as JSON, a list with one line a decision."""
    lines = (json.dumps(asdict(row), allow_nan=False) for row in rows)
    return "[\n" + ",\n".join(lines) + "\n]\n"
