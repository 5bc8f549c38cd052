"""What grid and brute force would never be done with is refused before they begin."""

from collections.abc import Callable

import pytest

from tribar.block import Choice
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.search.grid import count_points, grid
from tribar.search.samplers import search_size

Shrunk = Callable[..., Params]
FINE = "tune.space={dropout: {type: float, low: 0.0, high: 0.5, step: 1.0e-12}}"
EACH = "{type: int, low: 1, high: 2000}"
MANY = f"tune.space={{hidden_dim: {EACH}, batch_size: {EACH}}}"


def test_brute_force_takes_no_dimension_of_endlessly_many_values(shrunk: Shrunk) -> None:
    with pytest.raises(UserError, match=r"tune.space.dropout: 500,000,000,001 values, and brute"):
        shrunk("tune.sampler.name=brute_force", FINE)


def test_a_grid_takes_no_more_points_than_it_can_list(shrunk: Shrunk) -> None:
    with pytest.raises(UserError, match=r"a grid of 4,000,000 points.* to hidden_dim with its 2,0"):
        shrunk("tune.sampler.name=grid", MANY)
    wide = MANY.replace("high: 2000}, b", "high: 2000, log: true}, b")
    assert shrunk("tune.sampler.name=grid", wide).tune.sampler.grid.points == 3


def test_a_faulty_dimension_is_counted_by_nobody(shrunk: Shrunk) -> None:
    with pytest.raises(UserError) as error:
        shrunk("tune.sampler.name=grid", MANY.replace("low: 1,", "low: 9000000,"))
    assert "2 parameter(s) to mend" in str(error.value)
    assert "is above high" in str(error.value)


def test_points_are_counted_as_far_as_trials_go(shrunk: Shrunk) -> None:
    params = shrunk("tune.sampler.name=brute_force", MANY)
    assert count_points(params.tune.space, most=10) == 10


def test_a_grid_ends_where_its_dimension_does(shrunk: Shrunk) -> None:
    space = shrunk("tune.space={dropout: {type: float, low: 0.0, high: 0.3, step: 0.1}}").tune.space
    assert grid(space, 3)["dropout"] == [0.0, 0.1, 0.2, 0.3]


def test_a_point_without_a_dimension_that_it_cannot_have_is_a_whole_one(shrunk: Shrunk) -> None:
    params = shrunk(
        "tune.sampler.name=brute_force",
        "tune.space={cell: {type: categorical, choices: [lstm, gru]}, "
        "dropout: {type: categorical, choices: [0.2, 0.3], when: {cell: gru}}}",
    )
    known: list[tuple[dict[str, Choice], int]] = [({"cell": "lstm"}, 3), ({"cell": "gru"}, 4)]
    for point, trials in known:
        assert search_size(params.tune.sampler, params.tune.space, [point], most=9) == trials
