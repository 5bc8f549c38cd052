"""What a space can draw is checked when it is read."""

from collections.abc import Callable

import pytest

from tribar.block import Choice
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.search.distributions import distribution
from tribar.search.sampled_points import sample_points

Shrunk = Callable[..., Params]
SPACE = """tune.space={
  optimizer: {type: categorical, choices: [adam, adamw, sgd]},
  momentum: {type: float, low: 0.1, high: 0.9, step: 0.3, when: {optimizer: sgd}},
  weight_decay: {type: float, low: 1.0e-6, high: 0.1, log: true, when: {optimizer: [adamw, sgd]}},
  hidden_dim: {type: int, low: 8, high: 100, step: 16},
  batch_size: {type: int, low: 1, high: 512, log: true},
  skip_rows: {type: fixed, value: 1},
  clip_norm: {type: float, low: 0.5, high: 2.0}
}"""


@pytest.mark.filterwarnings("ignore:The distribution is specified by")  # Optuna, of uneven steps
def test_points_lie_in_the_space_and_reach_its_ends(shrunk: Shrunk) -> None:
    space = shrunk(SPACE).tune.space
    points = list(sample_points(space))
    for point in points:
        for name, dimension in space.items():
            assert (name in point) == dimension.is_active(point)
            if name in point:
                assert dimension.contains(point[name])
                found = distribution(dimension)
                assert found._contains(found.to_internal_repr(point[name]))
    reached: dict[str, set[Choice]] = {
        "optimizer": {"adam", "adamw", "sgd"}, "momentum": {0.1, 0.7}, "weight_decay": {1e-6, 0.1},
        "hidden_dim": {8, 88}, "batch_size": {1, 512}, "skip_rows": {1}, "clip_norm": {0.5, 2.0},
    }  # fmt: skip
    for key, ends in reached.items():
        assert ends <= {point[key] for point in points if key in point}
    assert points == list(sample_points(space))


FAULTS = {
    "optimizer={type: categorical, choices: [adam, adamax]}":
        "tune.space.optimizer: input should be 'adam', 'adamw', 'radam' or 'sgd' "
        "(it can be 'adamax')",
    "hidden_dim={type: fixed, value: wide}":
        "tune.space.hidden_dim: input should be a valid integer (it can be 'wide')",
    "hidden_dim={type: int, low: 0, high: 4032, step: 64}":
        "tune.space.hidden_dim: input should be greater than or equal to 1 (it can be 0)",
    "dropout={type: float, low: 0.0, high: 1.0, step: 0.5}":
        "tune.space.dropout: input should be less than 1 (it can be 1.0)",
    "dropout_2={type: float, low: 0.0, high: 3.0}":
        "tune.space.dropout_2: input should be less than 1",
    "weight_decay={type: float, low: 0.0, high: 1.0, step: 1.0e-300}":
        "tune.space.weight_decay.step: 1e-300 makes more than 9,007,199,254,740,992 values",
    f"batch_size={{type: int, low: 8, high: {'9' * 400}}}":
        "tune.space.batch_size.high: input should be less than or equal to 9007199254740992",
    "bidirectional={type: categorical, choices: [false, true]}":
        "tune.space.bidirectional: under dense supervision it would see the future",
    "warmup_epochs={type: float, low: 0.0, high: 99.0}": "tune.space.warmup_epochs: ",
    "heads={type: categorical, choices: [2, 3]}": "tune.space.heads: 3 does not divide the width",
}  # fmt: skip
OTHERS = ("model.pooling=multi_head", "training.schedule=warmup", "training.max_epochs=8")
"""What makes heads and a warm-up matter."""


@pytest.mark.parametrize("dimension", FAULTS)
def test_a_value_that_cannot_be_is_refused_under_its_dimension(
    dimension: str, shrunk: Shrunk
) -> None:
    plain = ("tune.space.pooling={type: fixed, value: multi_head}", *OTHERS)
    with pytest.raises(UserError) as error:
        shrunk(*plain, f"tune.space.{dimension}")
    assert f"\n  {FAULTS[dimension]}" in str(error.value)
    assert "1 parameter(s) to mend" in str(error.value)


def test_all_of_it_at_once(shrunk: Shrunk) -> None:
    with pytest.raises(UserError) as error:
        shrunk(
            *OTHERS, "tune.space.pooling={type: categorical, choices: [last, multi_head]}",
            "tune.space.optimizer={type: categorical, choices: [adam, adamax]}",
            "tune.space.heads={type: categorical, choices: [2, 3]}",
            "tune.space.warmup_epochs={type: float, low: 0.0, high: 99.0}",
            "tune.space.batch_size={type: int, low: 9, high: 3}", "training.amp=true",
            "tune.space.dropout_1={type: float, low: 0.0, high: 3.0}",
            "tune.space.dropout_2={type: float, low: 0.0, high: 3.0}",
            "training.device=cpu",
        )  # fmt: skip
    for key in ("optimizer", "heads", "warmup_epochs", "batch_size.low", "dropout_1", "dropout_2"):
        assert f"\n  tune.space.{key}: " in str(error.value)
    assert "training.amp: " in str(error.value)
    assert "7 parameter(s) to mend" in str(error.value)


def test_a_value_that_is_not_searched_is_blamed_where_it_stands(shrunk: Shrunk) -> None:
    with pytest.raises(UserError, match=r"1 parameter.*\n  model.heads: 7 does not divide"):
        shrunk("tune.space.pooling={type: fixed, value: multi_head}", "model.heads=7")


def test_a_value_is_blamed_where_it_stands_in_a_point_that_lacks_the_dimension(
    shrunk: Shrunk,
) -> None:
    with pytest.raises(UserError, match=r"1 parameter.*\n  model.heads: 7 does not divide"):
        shrunk(
            "tune.space.heads={type: categorical, choices: [2, 4], when: {num_layers: 2}}",
            "tune.space.pooling={type: fixed, value: multi_head}", "model.heads=7",
        )  # fmt: skip


def test_a_corner_that_few_draws_would_meet_is_checked(shrunk: Shrunk) -> None:
    points = list(
        sample_points(shrunk("tune.space.hidden_dim={type: int, low: 1, high: 4000}").tune.space)
    )
    assert any((p["hidden_dim"], p["num_layers"]) == (4000, 3) for p in points)


def test_a_branch_that_hardly_a_draw_meets_is_checked(shrunk: Shrunk) -> None:
    deep = "{type: fixed, value: -3.0, when: {hidden_dim: 3017}}"
    with pytest.raises(UserError, match=r"tune.space.warmup_epochs: .* \(it can be -3.0\)"):
        shrunk(
            f"tune.space={{hidden_dim: {{type: int, low: 1, high: 4000}}, warmup_epochs: {deep}}}"
        )


def test_the_highest_point_has_the_highest_of_unsorted_choices(shrunk: Shrunk) -> None:
    space = shrunk(
        "tune.space={batch_size: {type: categorical, choices: [99999, 32]}, "
        "hidden_dim: {type: int, low: 8, high: 4096}}"
    ).tune.space
    assert {"batch_size": 99999, "hidden_dim": 4096} in list(sample_points(space))
