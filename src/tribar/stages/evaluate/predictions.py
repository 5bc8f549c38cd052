"""What models and references say of a split, each a job of its own, on all cores."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from tribar.dataset.prepared import PreparedSplit, last_rows, read_split
from tribar.ensemble import checkpoint
from tribar.ensemble.ensemble import Ensemble
from tribar.evaluation.permutation import Permutation, newest
from tribar.evaluation.references import Decisions, Reference, fit_reference
from tribar.metrics.predictions import Probability
from tribar.model.places import place_of
from tribar.runtime import open_device


class Job(Protocol):
    """What a worker is asked for."""

    def run(self) -> Probability | Reference:
        """Return what was asked for."""


@dataclass(frozen=True)
class Prediction:
    """What a model says of a part of a split.

    Attributes:
        model: its folder.
        split: folder of the split.
        part: validation or test.
        home: folder of the run that asks, each experiment's own.
        permutation: of the rows that the newest decisions see, which alone are predicted then;
            None leaves all as they are.
    """

    model: Path
    split: Path
    part: str
    home: Path
    permutation: Permutation | None = None

    def run(self) -> Probability:
        """Return the probabilities of the samples, (n, 3)."""
        open_device("cpu")
        place = place_of(self.home)
        model = _model(place.path(self.model))
        if self.permutation is None:
            split = _split(place.path(self.split))
            return model.predict(split.rows, last_rows(split.part(self.part)))
        judged = _newest(place.path(self.split))
        return model.predict(self.permutation.apply(judged), judged.last)


@dataclass(frozen=True)
class ReferenceFit:
    """A reference, fitted on train and chosen on validation; says something of that and of test.

    Attributes:
        name: of the reference.
        development: folder of the split.
        test: folder of the split.
        home: folder of the run that asks.
    """

    name: str
    development: Path
    test: Path
    home: Path

    def run(self) -> Reference:
        """Return the reference with its probabilities of validation and test."""
        place = place_of(self.home)
        learnt, asked = (read_split(place.path(path)) for path in (self.development, self.test))
        train, validation = (
            Decisions.of(learnt, learnt.part(part)) for part in ("train", "validation")
        )
        evaluated = (validation, Decisions.of(asked, asked.samples))
        return fit_reference(self.name, train, validation, evaluated)


def run_job(job: Job) -> Probability | Reference:
    """Run a job where this is called."""
    return job.run()


def forget_inputs() -> None:
    """Forget the models and splits of this process, which may have judged others before."""
    _model.cache_clear()
    _split.cache_clear()
    _newest.cache_clear()


@lru_cache(maxsize=2)
def _split(folder: Path) -> PreparedSplit:
    return read_split(folder)


@lru_cache(maxsize=1)
def _newest(folder: Path) -> PreparedSplit:
    split = _split(folder)
    return split.select(newest(split.samples))


@lru_cache(maxsize=2)
def _model(folder: Path) -> Ensemble:
    return checkpoint.load(folder)
