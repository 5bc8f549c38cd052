from collections.abc import Callable

import numpy as np
import optuna
import pytest
from optuna.samplers import TPESampler
from optuna.trial import TrialState

from tribar.config.schema import Params
from tribar.runtime import derive_seed
from tribar.search.conditions import inside
from tribar.search.distributions import distributions
from tribar.search.suggestions import Suggestions
from tribar.study.config import TuneParams
from tribar.trials import Direction, State, TrialRow, summary

Shrunk = Callable[..., Params]
TRIALS, EPOCHS = 150, 4
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


def fate(number: int, rng: np.random.Generator) -> tuple[State, tuple[float, ...]]:
    """Return how a made-up trial ends: some fail, some are pruned (at first all), some tie."""
    curve = tuple(rng.integers(1, 50, EPOCHS) / 10)
    if number % 11 == 7:
        return "FAIL", curve[:1]
    if number % 3 == 1 or number < 30:
        return "PRUNED", curve[: 1 + number % EPOCHS]
    return "COMPLETE", curve


def plain(
    params: TuneParams, first: dict[str, float], direction: Direction, fates: list[TrialRow]
) -> list[dict[str, object]]:
    """Return the suggestions of Optuna's own sampler, seeded trial by trial as ours is."""
    study = optuna.create_study(study_name="tribar", direction=direction)
    study.enqueue_trial(first)
    asked: list[optuna.trial.Trial] = []
    for number in range(len(fates)):
        if number >= params.lag:
            end(study, asked[number - params.lag], fates[number - params.lag], direction)
        own = derive_seed(params.seed, "sampler", number)
        study.sampler = TPESampler(seed=own, **params.sampler.tpe.model_dump())
        asked.append(study.ask(fixed_distributions=distributions(params.space)))
    return [trial.params for trial in asked]


def end(
    study: optuna.Study, trial: optuna.trial.Trial, row: TrialRow, direction: Direction
) -> None:
    told = summary(row, EPOCHS, direction)
    for step, value in enumerate(told.reported):
        trial.report(value, step)
    study.sampler = optuna.samplers.RandomSampler()
    study.tell(trial, told.value, state=TrialState[told.state])


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize(
    ("lag", "multivariate", "liar"), [(1, True, True), (4, True, True), (4, False, False)]
)
def test_every_suggestion_is_optunas(
    direction: Direction, space: str, lag: int, multivariate: bool, liar: bool, shrunk: Shrunk
) -> None:
    options = (
        "{n_startup_trials: 5, n_ei_candidates: 24, group: false, "
        f"multivariate: {multivariate}, constant_liar: {liar}}}".lower()
    )
    params = shrunk(SPACES[space], f"tune.lag={lag}", f"tune.sampler.tpe={options}").tune
    rng = np.random.default_rng(0)
    point = inside(params.space, {"dropout": 0.25})
    enqueued = [point] if point else []
    suggestions = Suggestions(params.sampler, params.space, params.seed, enqueued, (direction,))
    fates: list[TrialRow] = []
    ours = []
    for number in range(TRIALS):
        if number >= lag:
            suggestions.tell(summary(fates[number - lag], EPOCHS, direction))
        ours.append(suggestions.ask())
        state, curve = fate(number, rng)
        value = None if state == "FAIL" else (min if direction == "minimize" else max)(curve)
        fates.append(TrialRow(number, state, value, ours[-1], curve))
    first = {"dropout": 0.25} if space != "the sample's" else {}
    assert len({tuple(one.items()) for one in ours}) > TRIALS / 2
    assert ours == plain(params, first, direction, fates)
