from collections.abc import Sequence

import numpy as np
import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.study import StudyDirection

from tribar.study.ranking import pareto_front, ranked
from tribar.trials import Direction, TrialRow

BOTH: tuple[Direction, ...] = (Direction.MINIMIZE, Direction.MAXIMIZE)
POINTS = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=14)


def rows(points: Sequence[tuple[float, float]]) -> list[TrialRow]:
    return [TrialRow(number, "COMPLETE", (a, b), {}, (a,)) for number, (a, b) in enumerate(points)]


def numbers(found: Sequence[TrialRow]) -> list[int]:
    return [row.number for row in found]


def test_the_front_by_hand() -> None:
    # Loss falls, accuracy rises: 0 and 1 trade off, 2 is worse than 1 in both, 3 equals 0.
    found = rows([(1.0, 0.5), (1.2, 0.8), (1.3, 0.7), (1.0, 0.5)])
    assert numbers(pareto_front(found, BOTH)) == [0, 1, 3]


@given(POINTS)
def test_the_front_is_optunas(points: list[tuple[int, int]]) -> None:
    study = optuna.create_study(directions=[StudyDirection[one.name] for one in BOTH])
    for a, b in points:
        study.add_trial(optuna.trial.create_trial(values=[float(a), float(b)]))
    found = rows([(float(a), float(b)) for a, b in points])
    assert numbers(pareto_front(found, BOTH)) == sorted(t.number for t in study.best_trials)


def test_the_compromise_is_chosen() -> None:
    # Scaled to the front: (0, 1), (0.3, 0.2), (1, 0): the second is nearest to the ideal (0, 0).
    found = rows([(1.0, 0.5), (1.3, 0.9), (2.0, 1.0), (3.0, 0.1)])
    assert numbers(ranked(found, BOTH)) == [1, 0, 2, 3]


def test_a_unit_does_not_count() -> None:
    points = [(1.0, 0.5), (1.3, 0.9), (2.0, 1.0)]
    scaled = [(1000 * a, b) for a, b in points]
    assert numbers(ranked(rows(points), BOTH)) == numbers(ranked(rows(scaled), BOTH))


@pytest.mark.parametrize("direction", [Direction.MINIMIZE, Direction.MAXIMIZE])
def test_one_metric_is_ranked_by_value_the_earliest_of_equals_first(direction: Direction) -> None:
    values = [2.0, 1.0, 3.0, 1.0]
    found = [TrialRow(n, "COMPLETE", (value,), {}, (value,)) for n, value in enumerate(values)]
    expected = np.argsort([direction.sign * value for value in values], kind="stable").tolist()
    assert numbers(ranked(found, (direction,))) == expected


def test_only_completed_trials_are_ranked() -> None:
    pruned = TrialRow(0, "PRUNED", (0.1,), {}, (0.1,))
    failed = TrialRow(1, "FAIL", (), {})
    assert ranked([pruned, failed], (Direction.MINIMIZE,)) == []
    assert pareto_front([pruned, failed], BOTH) == []
