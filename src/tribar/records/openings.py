"""Openings of test splits: which models this clone has judged on which, and when.

A test split that has judged many models has helped to choose among them. What is here counts for
commands alone: tracked results quote what `evaluate.models_seen` states.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tribar.config.schema import Params
from tribar.files import hash_text, whole_file
from tribar.model.config import Hyperparameters

SHARED = 0.5
"""Test splits of which one shares so much of its decisions with the other count as one."""


@dataclass(frozen=True)
class Opening:
    """A model that was judged on a test split.

    Attributes:
        test: names the test split: a hash of its (symbol, decision) pairs.
        model: names the model: a hash of its configuration and data, whatever its weights are.
        revision: of the repository, as far as it is known.
        reason: the stage.
        opened: when, for the first time.
    """

    test: str
    model: str
    revision: str
    reason: str
    opened: str


def name_model(hyper: Hyperparameters, params: Params, development: str) -> str:
    """Return what names a model: its configuration and the fingerprint of its data."""
    training = params.training.model_dump_json(exclude={"device"})
    return hash_text(f"{hyper.model_dump_json()}{training}{params.base.seed}{development}")[:16]


def record_opening(
    folder: Path, samples: pd.DataFrame, model: str, revision: str, reason: str
) -> None:
    """Note that a model is judged on a test split; a second time changes nothing.

    Args:
        folder: of the openings.
        samples: of the test split, columns symbol and decision.
        model: as `name_model` gives it.
        revision: of the repository.
        reason: the stage.

    Raises:
        UserError: it cannot be written, as on a full disk.
    """
    pairs = _pairs(samples)
    test = hash_text(pairs.tobytes().hex())[:16]
    path = folder / f"{test}-{model}.json"
    if path.exists():
        return
    with whole_file(folder / f"{test}.npy") as part, part.open("wb") as file:
        np.save(file, pairs, allow_pickle=False)
    opened = datetime.now(UTC).isoformat(timespec="seconds")
    with whole_file(path) as part:
        part.write_text(json.dumps(asdict(Opening(test, model, revision, reason, opened))) + "\n")


def openings_of(folder: Path, samples: pd.DataFrame) -> list[Opening]:
    """Return what was judged on a test split, or on one that is much the same, oldest first.

    Args:
        folder: of the openings.
        samples: of the test split, columns symbol and decision.
    """
    pairs = _pairs(samples)
    same = {
        path.stem
        for path in folder.glob("*.npy")
        if _shares(pairs, np.load(path, allow_pickle=False))
    }
    return sorted((one for one in _read(folder) if one.test in same), key=lambda one: one.opened)


def _read(folder: Path) -> Iterator[Opening]:
    for path in folder.glob("*.json"):
        yield Opening(**json.loads(path.read_text(encoding="utf-8")))


def _pairs(samples: pd.DataFrame) -> NDArray[np.uint64]:
    pairs = pd.util.hash_pandas_object(samples[["symbol", "decision"]], index=False)
    return np.unique(pairs.to_numpy(np.uint64))


def _shares(one: NDArray[np.uint64], other: NDArray[np.uint64]) -> bool:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common >= SHARED * min(len(one), len(other))
