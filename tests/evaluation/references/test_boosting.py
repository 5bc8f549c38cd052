import numpy as np

from tests.evaluation.references.drawn import LogOdds, drawn, interaction, linear, nothing
from tribar.evaluation.references import Settings, fit_reference


def chosen(seed: int, log_odds: LogOdds) -> Settings:
    train, validation = (
        drawn(log_odds, n, seed=2 * seed + part)[0] for part, n in enumerate((800, 300))
    )
    return fit_reference("boosting", train, validation, []).settings


def test_luck_is_seldom_taken_for_skill() -> None:
    """Some of the hundreds of choices are always better than nothing on validation."""
    assert np.mean([chosen(seed, nothing).rounds == 0 for seed in range(6)]) > 0.5


def test_what_single_inputs_say_takes_the_lowest_trees_on_the_fewest_inputs() -> None:
    found = [chosen(seed, linear) for seed in range(3)]
    assert {(one.bars, one.depth) for one in found} == {(1, 1)}


def test_what_two_inputs_say_together_takes_higher_trees() -> None:
    found = [chosen(seed, interaction) for seed in range(3)]
    assert {one.bars for one in found} == {1}
    assert {one.depth for one in found} <= {2, 3}
