"""Each reference as a caller meets it."""

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

from tests.evaluation.references.drawn import (
    drawn,
    interaction,
    lagged,
    linear,
    mean_loss,
    nothing,
)
from tests.running import ROOT
from tribar.errors import UserError
from tribar.evaluation.references import (
    NAMES,
    Decisions,
    Settings,
    fit_reference,
    fit_references,
)
from tribar.metrics.predictions import check, prior

every = pytest.mark.parametrize("name", NAMES)
REGRESSIONS = ("logistic", "logistic_lags", "ridge")
TRAIN, _ = drawn(linear, 1200, seed=1)
VALIDATION, _ = drawn(linear, 400, seed=2)
EVALUATED, TRUTH = drawn(linear, 4000, seed=3)


def gains(train: Decisions, validation: Decisions, evaluated: Decisions) -> dict[str, float]:
    """Return what each reference loses less than the class prior, in nats."""
    constant = mean_loss(evaluated, prior(train.labels, len(evaluated)))
    found = fit_references(train, validation, [evaluated])
    return {one.name: constant - mean_loss(evaluated, one.probabilities[0]) for one in found}


def test_all_find_a_linear_signal() -> None:
    constant = mean_loss(EVALUATED, prior(TRAIN.labels, len(EVALUATED)))
    possible = constant - mean_loss(EVALUATED, TRUTH)
    found = gains(TRAIN, VALIDATION, EVALUATED)
    assert found.keys() == set(NAMES)
    assert min(found.values()) > 0.85 * possible
    assert max(found.values()) < possible


def test_boosting_finds_an_interaction() -> None:
    train, validation, evaluated = (
        drawn(interaction, n, seed=seed)[0] for seed, n in enumerate((2000, 500, 4000))
    )
    found = gains(train, validation, evaluated)
    assert found.pop("boosting") > 0.1
    assert max(found.values()) < 0.01


def test_a_signal_of_earlier_bars_is_found_by_all_that_see_them() -> None:
    train, validation, evaluated = (
        drawn(lagged, n, seed=seed)[0] for seed, n in enumerate((2000, 500, 4000))
    )
    found = gains(train, validation, evaluated)
    assert found.pop("logistic") < 0.01
    assert min(found.values()) > 0.1


def test_where_there_is_nothing_to_find_none_is_worse_than_the_prior() -> None:
    each = []
    for seed in range(5, 9):
        train, validation, evaluated = (
            drawn(nothing, n, features=6, window=12, seed=100 * seed + part)[0]
            for part, n in enumerate((2000, 500, 20_000))
        )
        each.append(list(gains(train, validation, evaluated).values()))
    assert np.mean(each, axis=0).min() > -0.003


@every
def test_what_is_told_of_the_choice_is_what_predicts(name: str) -> None:
    own = fit_reference(name, TRAIN, VALIDATION, [VALIDATION, EVALUATED, TRAIN])
    for decisions, probability in zip(
        (VALIDATION, EVALUATED, TRAIN), own.probabilities, strict=True
    ):
        check(decisions.labels, probability)
    assert own.loss == pytest.approx(mean_loss(VALIDATION, own.probabilities[0]), rel=1e-12)
    assert own.settings.bars == {"logistic": 1, "boosting": 1, "logistic_lags": 4, "ridge": 4}[name]
    chosen = (own.settings.inverse_penalty, own.settings.depth, own.settings.rounds)
    assert [value is None for value in chosen] == [name == "boosting"] + [name != "boosting"] * 2


@every
def test_validation_can_choose_nothing(name: str) -> None:
    """It contradicts what training says."""
    contrary = replace(VALIDATION, labels=-VALIDATION.labels)
    found = fit_reference(name, TRAIN, contrary, [EVALUATED])
    np.testing.assert_allclose(found.probabilities[0], prior(TRAIN.labels, len(EVALUATED)))
    assert found.settings in (
        Settings(found.settings.bars, inverse_penalty=0),
        Settings(1, depth=0, rounds=0),
    )


@every
def test_a_class_missing_in_training_has_probability_0_in_its_own_column(name: str) -> None:
    seen = np.flatnonzero(TRAIN.labels != 0)
    train = replace(TRAIN, last=TRAIN.last[seen], labels=TRAIN.labels[seen])
    (found,) = fit_reference(name, train, VALIDATION, [EVALUATED]).probabilities
    check(EVALUATED.labels, found)
    assert (found[:, 1] == 0).all()
    assert np.ptp(found[:, 0]) > 0.5


@every
def test_a_single_class_in_training_is_certain(name: str) -> None:
    train = replace(TRAIN, labels=np.ones(len(TRAIN), dtype=np.int8))
    (found,) = fit_reference(name, train, VALIDATION, [EVALUATED]).probabilities
    assert found.tolist() == [[0, 0, 1]] * len(EVALUATED)


@every
def test_a_class_missing_in_validation_is_still_predicted(name: str) -> None:
    seen = np.flatnonzero(VALIDATION.labels != 1)
    validation = replace(VALIDATION, last=VALIDATION.last[seen], labels=VALIDATION.labels[seen])
    (found,) = fit_reference(name, TRAIN, validation, [EVALUATED]).probabilities
    check(EVALUATED.labels, found)
    assert (found[:, 2] > 0).all()


@every
def test_a_feature_that_never_varies_in_training_says_nothing_later(name: str) -> None:
    def widened(decisions: Decisions, value: float) -> Decisions:
        constant = np.full((len(decisions.rows), 1), value, dtype=np.float32)
        return replace(decisions, rows=np.hstack([decisions.rows, constant]))

    train, validation = widened(TRAIN, 0.1), widened(VALIDATION, 0.1)
    same, other = widened(EVALUATED, 0.1), widened(EVALUATED, 1e6)
    found = fit_reference(name, train, validation, [same, other]).probabilities
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)
    (without,) = fit_reference(name, TRAIN, VALIDATION, [EVALUATED]).probabilities
    np.testing.assert_allclose(found[0], without, atol=1e-6)


@pytest.mark.parametrize("name", REGRESSIONS)
def test_a_regression_knows_no_units(name: str) -> None:
    units = np.array([1024, 1, 0.125], dtype=np.float32)
    origin = np.array([0, 3, 0], dtype=np.float32)
    train, validation, evaluated = (
        replace(part, rows=part.rows * units + origin) for part in (TRAIN, VALIDATION, EVALUATED)
    )
    own = fit_reference(name, TRAIN, VALIDATION, [EVALUATED])
    other = fit_reference(name, train, validation, [evaluated])
    np.testing.assert_allclose(other.probabilities[0], own.probabilities[0], atol=1e-5)


def test_of_very_many_decisions_evenly_spaced_ones_are_used() -> None:
    """Every second label is worthless, and is never seen."""
    many, _ = drawn(linear, 100_000, seed=4)
    even = replace(many, last=many.last[::2], labels=many.labels[::2])
    spoiled = many.labels.copy()
    spoiled[1::2] = 1
    spoiled_too = replace(many, labels=spoiled)
    found = fit_reference("logistic", spoiled_too, spoiled_too, [EVALUATED])
    expected = fit_reference("logistic", even, even, [EVALUATED])
    assert found.loss == expected.loss
    np.testing.assert_array_equal(found.probabilities[0], expected.probabilities[0])


def test_ridge_thins_the_bars_of_a_window_with_too_many_inputs() -> None:
    parts = [drawn(nothing, n, features=50, window=100, seed=n)[0] for n in (120, 60)]
    found = fit_reference("ridge", parts[0], parts[1], [parts[1]])
    assert found.settings.bars == 34


@every
@pytest.mark.parametrize("labels", [[], [-1, 0, 2]])
def test_labels_that_are_none_are_refused(name: str, labels: list[int]) -> None:
    wrong = replace(TRAIN, last=TRAIN.last[: len(labels)], labels=np.array(labels, dtype=np.int8))
    for train, validation in ((wrong, VALIDATION), (TRAIN, wrong)):
        with pytest.raises(UserError, match="labels: "):
            fit_reference(name, train, validation, [])


def test_another_process_says_the_same() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        futures = [
            executor.submit(fit_reference, name, TRAIN, VALIDATION, [EVALUATED]) for name in NAMES
        ]
        found = [future.result() for future in futures]
    for there, here in zip(found, fit_references(TRAIN, VALIDATION, [EVALUATED]), strict=True):
        assert (there.name, there.settings, there.loss) == (here.name, here.settings, here.loss)
        np.testing.assert_array_equal(there.probabilities[0], here.probabilities[0])


DIGEST = """
import hashlib
from tests.evaluation.references.drawn import drawn, lagged
from tribar.evaluation.references import fit_references
parts = [drawn(lagged, n, features=8, window=40, seed=n)[0] for n in (2000, 300, 400)]
found = fit_references(parts[0], parts[1], parts[2:])
print(*(hashlib.sha256(one.probabilities[0].tobytes()).hexdigest() for one in found))
"""


def test_the_number_of_threads_changes_no_bit() -> None:
    def digests(threads: int) -> list[str]:
        variables = {
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "OMP_NUM_THREADS": str(threads),
            "OPENBLAS_NUM_THREADS": str(threads),
        }
        done = subprocess.run(
            [sys.executable, "-c", DIGEST], cwd=ROOT, capture_output=True, text=True, check=True,
            env=os.environ | variables,
        )  # fmt: skip
        return done.stdout.split()

    assert digests(1) == digests(2)
