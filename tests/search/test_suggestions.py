"""Suggestions depend on the rows that were told alone, wherever a study is resumed."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from optuna.samplers import TPESampler

from tribar.config.schema import Params
from tribar.search import samplers
from tribar.search.suggestions import Suggestions
from tribar.study.config import TuneParams
from tribar.trials import Direction, State, TrialRow, summary

Shrunk = Callable[..., Params]
TRIALS, EPOCHS = 40, 4
SPACES = {
    "the sample's": "tune.seed=42",
    "steps, logs, choices and a fixed value": (
        "tune.space={learning_rate: {type: float, low: 0.0001, high: 0.1, log: true}, "
        "hidden_dim: {type: int, low: 8, high: 512, log: true}, "
        "dropout: {type: float, low: 0.0, high: 0.5, step: 0.25}, "
        "cell: {type: categorical, choices: [lstm, gru]}, "
        "clip_norm: {type: float, low: 0.5, high: 2.0}, "
        "batch_size: {type: fixed, value: 32}}"
    ),
}


def outcome(number: int, rng: np.random.Generator) -> tuple[State, tuple[float, ...]]:
    """Return how a made-up trial ends: some fail, some are pruned, some tie."""
    curve = tuple(rng.integers(1, 50, EPOCHS) / 10)
    if number % 11 == 7:
        return "FAIL", curve[:1]
    if number % 3 == 1:
        return "PRUNED", curve[: 1 + number % EPOCHS]
    return "COMPLETE", curve


def study(
    params: TuneParams, direction: Direction, journal: Sequence[TrialRow] = ()
) -> list[TrialRow]:
    """Return the trials of a study that adopts those of a journal and asks for the others."""
    enqueued = [{"dropout": 0.25}]
    suggestions = Suggestions(params.sampler, params.space, params.seed, enqueued, (direction,))
    rng, rows = np.random.default_rng(0), list[TrialRow]()
    for number in range(TRIALS):
        if number >= params.lag:
            suggestions.tell(summary(rows[number - params.lag], EPOCHS, direction))
        if number < len(journal):
            suggestions.adopt(journal[number])
            asked = journal[number].params
        else:
            asked = suggestions.ask()
        state, curve = outcome(number, rng)
        values = () if state == "FAIL" else (direction.best(curve),)
        rows.append(TrialRow(number, state, values, asked, curve))
    return rows


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    ("lag", "multivariate", "liar"), [(1, True, True), (4, True, True), (4, False, False)]
)
def test_a_study_resumed_at_any_point_suggests_the_same(
    direction: Direction, space: str, lag: int, multivariate: bool, liar: bool, shrunk: Shrunk
) -> None:
    options = (
        "{n_startup_trials: 5, n_ei_candidates: 24, group: false, "
        f"multivariate: {multivariate}, constant_liar: {liar}}}".lower()
    )
    params = shrunk(SPACES[space], f"tune.lag={lag}", f"tune.sampler.tpe={options}").tune
    whole = study(params, direction)
    assert len({tuple(row.params.items()) for row in whole}) > TRIALS / 2
    assert whole[0].params["dropout"] == 0.25
    for point in (1, 5, 11, TRIALS - 1):
        assert study(params, direction, whole[:point]) == whole


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    ("lag", "multivariate", "liar"), [(1, True, True), (4, True, True), (4, False, False)]
)
def test_every_suggestion_is_optunas_own(
    direction: Direction,
    space: str,
    lag: int,
    multivariate: bool,
    liar: bool,
    shrunk: Shrunk,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    options = (
        "{n_startup_trials: 5, n_ei_candidates: 24, group: false, "
        f"multivariate: {multivariate}, constant_liar: {liar}}}".lower()
    )
    params = shrunk(SPACES[space], f"tune.lag={lag}", f"tune.sampler.tpe={options}").tune
    ours = study(params, direction)
    plain = samplers.Method(lambda shared, **given: TPESampler(**given), learns=True)
    monkeypatch.setitem(samplers.METHODS, "tpe", plain)
    assert [row.params for row in ours] == [row.params for row in study(params, direction)]
    assert len({tuple(row.params.items()) for row in ours}) > TRIALS / 2
