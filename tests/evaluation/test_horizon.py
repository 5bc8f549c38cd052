import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from tribar.evaluation.horizon import horizon


def hours(numbers: list[int]) -> pd.Series:
    return pd.Series(pd.Timestamp("2024-01-01", tz="UTC") + pd.to_timedelta(numbers, unit="h"))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 12)), min_size=1, max_size=30))
def test_it_counts_the_decisions_before_a_labels_end(samples: list[tuple[int, int]]) -> None:
    """Several symbols, with gaps; a label may end between decisions or after all of them."""
    decisions = [decision for decision, _ in samples]
    between = [
        len({other for other in decisions if decision < other < decision + length})
        for decision, length in samples
    ]
    table = pd.DataFrame(
        {"decision": hours(decisions), "label_end": hours(list(np.sum(samples, axis=1)))}
    )
    assert horizon(table) == 1 + max(between)
