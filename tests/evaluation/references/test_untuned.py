import numpy as np
import pytest

from tests.evaluation.references.drawn import drawn, linear, mean_loss
from tribar.errors import UserError
from tribar.evaluation.references import pool, uniform
from tribar.metrics.predictions import prior
from tribar.metrics.scores import losses


def test_prior_is_the_best_constant() -> None:
    labels = np.array([-1] * 5 + [0] * 2 + [1] * 3)
    found = prior(labels, len(labels))
    assert found.tolist() == [[0.5, 0.2, 0.3]] * 10
    for other in np.random.default_rng(0).dirichlet([5, 2, 3], size=50):
        constant = np.tile(other, (10, 1))
        assert losses(labels, found).mean() <= losses(labels, constant).mean()


def test_no_training_label_is_an_error() -> None:
    with pytest.raises(UserError, match="there is no sample"):
        prior(np.array([], dtype=np.int8), 3)


def test_uniform_loses_ln_3() -> None:
    assert losses(np.array([-1, 0, 1]), uniform(3)) == pytest.approx([np.log(3)] * 3)


def test_a_pool_loses_no_more_than_its_members_on_average() -> None:
    decisions, truth = drawn(linear, 200)
    members = [truth, uniform(200), np.random.default_rng(0).dirichlet([1, 1, 1], size=200)]
    assert mean_loss(decisions, pool(members)) < np.mean([mean_loss(decisions, m) for m in members])


def test_the_order_of_a_pool_changes_nothing_that_counts() -> None:
    members = list(np.random.default_rng(0).dirichlet([1, 1, 1], size=(3, 50)))
    np.testing.assert_allclose(pool(members), pool(members[::-1]), atol=1e-15)
    np.testing.assert_allclose(pool(members[:1]), members[0])
