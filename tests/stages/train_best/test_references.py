from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.model.synthetic import synthetic_split
from tribar.dataset.prepared import PreparedSplit, write_split
from tribar.dataset.splits import nested_kfold
from tribar.metrics.predictions import Probability
from tribar.stages.train_best.references import FoldFit, fit_fold

SPLIT = synthetic_split()
PARTS = nested_kfold(SPLIT.samples, SPLIT.schema.folds, SPLIT.schema.embargo)


def _fit(split: PreparedSplit, name: str, fold: int, folder: Path) -> Probability:
    folder.mkdir()
    write_split(split, folder)
    return fit_fold(FoldFit(name, fold, folder, folder))


@pytest.mark.parametrize("name", ["logistic", "boosting"])
def test_a_reference_sees_nothing_of_its_fold_but_the_inputs(name: str, tmp_path: Path) -> None:
    """Other labels in the fold, and in what purging leaves out, change no prediction of it."""
    labels = SPLIT.samples["label"].to_numpy()
    for fold, part in enumerate(PARTS):
        before = _fit(SPLIT, name, fold, tmp_path / f"{fold}-before")
        assert before.shape == (len(part.evaluated), 3)
        seen = np.zeros(len(labels), dtype=bool)
        seen[np.concatenate([part.train, part.validation])] = True
        for which, changes in (("unseen", False), ("seen", True)):
            poisoned = np.where(seen == changes, np.roll(labels, 1), labels)
            split = replace(SPLIT, samples=SPLIT.samples.assign(label=poisoned))
            after = _fit(split, name, fold, tmp_path / f"{fold}-{which}")
            assert np.array_equal(before, after) != changes
