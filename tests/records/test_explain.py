import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tribar.records.explain import explain, rank_of, spark_line
from tribar.study.ranking import best_of
from tribar.trials import Direction, PruneCheck, State, TrialRow

CHECKS = (
    PruneCheck(0, 1.3, None, 0, "patient median", pruned=False),
    PruneCheck(1, 1.25, 1.125, 3, "patient median", pruned=True),
)
BEST = TrialRow(0, "COMPLETE", (1.0,), {"learning_rate": 1e-3, "cell": "gru"}, (1.2, 1.0, 1.1))
PRUNED = TrialRow(
    1,
    "PRUNED",
    (1.25,),
    {"learning_rate": 1 / 3000, "cell": "gru"},
    (1.3, 1.25),
    CHECKS,
    reason="patient median: after epoch 1 its best 1.25 was held against 1.125, from 3 trials",
)
FAILED = TrialRow(2, "FAIL", (), {"learning_rate": 1.0, "cell": "lstm"}, reason="Diverged: nan")
EQUAL = TrialRow(3, "COMPLETE", (1.0,), {"learning_rate": 1e-3, "cell": "gru"}, (1.0,))
ROWS = (BEST, PRUNED, FAILED, EQUAL)

TEXTS = {
    0: """\
trial 0: COMPLETE, value 1, rank 1 of 2 completed
parameters
  cell           gru
  learning_rate  0.001
curve █▁▅
  first 1.2, best 1 at step 1, last 1.1 at step 2
pruning checks: none""",
    1: """\
trial 1: PRUNED, value 1.25, no rank (2 completed)
parameters (* differs from trial 0, the best)
  cell           gru
* learning_rate  0.000333333  best: 0.001
curve █▁
  first 1.3, best 1.25 at step 1, last 1.25 at step 1
pruning checks
  step  value  threshold  trials  rule            decision
  0     1.3    -          0       patient median  go on
  1     1.25   1.125      3       patient median  stop
reason: patient median: after epoch 1 its best 1.25 was held against 1.125, from 3 trials""",
    2: """\
trial 2: FAIL, no value, no rank (2 completed)
parameters (* differs from trial 0, the best)
* cell           lstm  best: gru
* learning_rate  1     best: 0.001
curve: it ended before its first step
pruning checks: none
reason: Diverged: nan""",
    3: """\
trial 3: COMPLETE, value 1, rank 2 of 2 completed
parameters (* differs from trial 0, the best)
  cell           gru
  learning_rate  0.001
curve ▁
  first 1, best 1 at step 0, last 1 at step 0
pruning checks: none""",
}


@pytest.mark.parametrize("number", TEXTS)
def test_an_explanation_by_hand(number: int) -> None:
    assert explain(ROWS[number], ROWS, Direction.MINIMIZE) == TEXTS[number]


def test_the_order_of_rows_and_parameters_says_nothing() -> None:
    turned = TrialRow(
        1, "PRUNED", (1.25,), dict(sorted(PRUNED.params.items())), PRUNED.curve, CHECKS
    )
    straight = TrialRow(1, "PRUNED", (1.25,), PRUNED.params, PRUNED.curve, CHECKS)
    assert explain(turned, ROWS[::-1], Direction.MINIMIZE) == explain(
        straight, ROWS, Direction.MINIMIZE
    )


def test_what_is_best_depends_on_the_direction() -> None:
    low, high = (TrialRow(n, "COMPLETE", (1.0 + n,), {"x": n}, (1.5, 1.0 + n)) for n in (0, 1))
    assert "rank 2 of 2" in explain(low, (low, high), Direction.MAXIMIZE)
    assert "* x  0  best: 1" in explain(low, (low, high), Direction.MAXIMIZE)
    assert "best 1.5 at step 0" in explain(low, (low, high), Direction.MAXIMIZE)


def test_without_a_completed_trial_nothing_is_compared() -> None:
    text = explain(FAILED, (FAILED,), Direction.MINIMIZE)
    assert "no rank (0 completed)" in text
    assert "*" not in text


@pytest.mark.parametrize(
    ("values", "bars"),
    [
        ((), ""),
        ((0.5,), "▁"),
        ((2.0, 2.0, 2.0), "▁▁▁"),
        ((0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0), "▁▂▃▄▅▆▇█"),
        ((7.0, 0.0), "█▁"),
        ((1.0, math.nan, 0.0, math.inf), "█·▁·"),
        ((math.nan, math.inf), "··"),
    ],
)
def test_a_spark_line_by_hand(values: tuple[float, ...], bars: str) -> None:
    assert spark_line(values) == bars


def test_a_long_curve_keeps_its_ends_and_fits_a_line() -> None:
    line = spark_line([1000.0 - step for step in range(1000)])
    assert len(line) == 60
    assert (line[0], line[-1]) == ("█", "▁")
    assert list(line) == sorted(line, reverse=True)


states = st.sampled_from(("COMPLETE", "PRUNED", "FAIL"))
cells = st.sampled_from(("lstm", "gru"))
directions = st.sampled_from((Direction.MINIMIZE, Direction.MAXIMIZE))
trials = st.lists(st.tuples(states, st.integers(-2, 2), cells, cells), min_size=1, max_size=12)


@given(trials, directions)
def test_ranks_and_differences_are_right(
    drawn: list[tuple[State, int, str, str]], direction: Direction
) -> None:
    rows = [
        TrialRow(number, state, () if state == "FAIL" else (value / 3,), {"a": a, "b": b})
        for number, (state, value, a, b) in enumerate(drawn)
    ]
    sign = 1 if direction == Direction.MINIMIZE else -1
    completed = [row for row in rows if row.state == "COMPLETE"]
    for row in rows:
        better = [
            one
            for one in completed
            if (sign * (one.value or 0), one.number) < (sign * (row.value or 0), row.number)
        ]
        assert rank_of(row, rows, direction) == (len(better) + 1 if row in completed else None)
        marked = {line[2] for line in explain(row, rows, direction).splitlines() if line[0] == "*"}
        best = best_of(rows, direction)
        assert marked == {n for n in "ab" if best and best.params[n] != row.params[n]}


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, width=16), min_size=2, max_size=60)
)
def test_a_higher_value_never_has_a_lower_bar(values: list[float]) -> None:
    line = spark_line(values)
    pairs = sorted(zip(values, line, strict=True))
    assert [bar for _, bar in pairs] == sorted(line)
