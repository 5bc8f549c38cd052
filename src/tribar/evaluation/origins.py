"""Origins: the moments at which a procedure is repeated with what lies before them."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.dataset.prepared import PreparedSplit, learnt_from
from tribar.dataset.schema import CLASSES, Schema
from tribar.dataset.splits import inner_split
from tribar.errors import UserError
from tribar.evaluation.config import WalkForwardParams


@dataclass(frozen=True, eq=False)
class Origin:
    """A moment, what may be learnt from before it, and what is forecast until the next one.

    Attributes:
        number: from 1.
        development: train and validation, purged of labels that reach the origin.
        test: the decisions from the origin on.
    """

    number: int
    development: PreparedSplit
    test: PreparedSplit


def cut_origins(
    development: PreparedSplit, test: PreparedSplit, params: WalkForwardParams
) -> list[Origin]:
    """Return the origins, between which lie equally many decision times.

    Args:
        development: as prepared.
        test: as prepared, of the same schema.
        params: how many, where the first one is, and how much lies before each.

    Raises:
        UserError: before an origin a part lacks a class, or there are more origins than times.
    """
    whole = _joined(development, test)
    share = float((development.samples["split"] == "validation").mean())
    axis = np.unique(_times(whole.samples, "decision"))
    start = int(params.first * len(axis))
    if params.origins > len(axis) - start:
        raise UserError(
            f"walk_forward.origins: {params.origins} of {len(axis) - start} decision times after "
            "walk_forward.first; ask for fewer"
        )
    bounds = np.linspace(start, len(axis), params.origins + 1).astype(int)
    found = []
    for number, (first, end) in enumerate(pairwise(bounds), 1):
        oldest = first - start if params.window == "rolling" else 0
        learnt = _development(whole, axis[oldest], axis[first], share)
        until = axis[end] if end < len(axis) else None
        forecast = _test(whole, axis[first], until, learnt.schema)
        found.append(Origin(number, learnt, forecast))
    return found


def _development(
    whole: PreparedSplit, oldest: np.datetime64, origin: np.datetime64, share: float
) -> PreparedSplit:
    """Return train and validation of the samples whose labels end before the origin."""
    decision, end = (_times(whole.samples, name) for name in ("decision", "label_end"))
    axis, embargo = np.unique(decision), whole.schema.embargo
    limit = axis[max(int(np.searchsorted(axis, origin)) - embargo, 0)]
    chosen = np.flatnonzero((decision >= oldest) & (end < limit))
    parts = inner_split(whole.samples, chosen, share, embargo) if len(chosen) else (chosen, chosen)
    train, validation = parts
    for name, part in (("train", train), ("validation", validation)):
        if (n := whole.samples["label"].iloc[part].nunique()) < len(CLASSES):
            raise UserError(
                f"walk_forward.first: before {pd.Timestamp(origin)} lie {len(part)} samples to "
                f"{name} on, of {n} classes; raise it, or give more bars"
            )
    split = np.full(len(decision), "", dtype=object)
    split[train], split[validation] = "train", "validation"
    cut = _marked(whole, split).select(split != "")
    return replace(cut, schema=learnt_from(cut))


def _test(
    whole: PreparedSplit, origin: np.datetime64, until: np.datetime64 | None, schema: Schema
) -> PreparedSplit:
    decision = _times(whole.samples, "decision")
    inside = decision >= origin
    if until is not None:
        inside &= decision < until
    cut = _marked(whole, np.full(len(decision), "test", dtype=object)).select(inside)
    return replace(cut, schema=schema)


def _marked(whole: PreparedSplit, split: NDArray[np.object_]) -> PreparedSplit:
    """Return all samples, each with the name of its split."""
    named = pd.Series(split, whole.samples.index, dtype=str)
    return replace(whole, samples=whole.samples.assign(split=named))


def _joined(development: PreparedSplit, test: PreparedSplit) -> PreparedSplit:
    """Return both parts as one, rows and samples ordered by symbol, then time.

    The bars that the first windows of the test split look back on are there twice.
    """
    moved = test.samples.assign(last=test.samples["last"] + len(development.rows))
    samples = pd.concat([development.samples, moved], ignore_index=True)
    rows = np.concatenate([development.rows, test.rows])
    symbol, _ = pd.factorize(samples["symbol"], sort=True)
    owner = np.empty(len(rows), dtype=np.int64)
    for row in range(development.schema.window):
        owner[samples["last"] - row] = symbol
    order = np.argsort(owner, kind="stable")
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.arange(len(rows))
    samples["last"] = place[samples["last"]]
    ordered = samples.sort_values(["symbol", "decision"], ignore_index=True)
    return PreparedSplit(rows[order], ordered, development.schema)


def _times(samples: pd.DataFrame, column: str) -> NDArray[np.datetime64]:
    return samples[column].to_numpy(np.dtype("datetime64[ns]"))
