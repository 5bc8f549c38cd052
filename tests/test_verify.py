"""What `make verify` lets pass, and on which processors."""

import json
from typing import Any

import pytest

from tests.running import ROOT
from tools.bits import CODE, agrees
from tools.verify import changed_trials, departures, outcome

STUDY, SCORES = (f"results/{stage}/metrics.json" for stage in ("tune", "evaluate"))


def committed(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((ROOT / name).read_text())
    return content


@pytest.mark.parametrize(
    ("file", "keys", "value", "lines"),
    [
        (SCORES, ("best", "log_loss"), 5e-5, 0),
        (SCORES, ("best", "log_loss"), 2e-4, 1),
        (SCORES, ("logistic", "log_loss"), -2e-4, 1),
        (SCORES, ("best", "accuracy"), 0.1, 0),
        (SCORES, ("comparison", "best_minus_prior", "verdict"), "!", 1),
        (STUDY, ("best_trial",), 1, 1),
    ],
)
def test_winner_verdicts_and_test_losses_hold_on_any_processor(
    file: str, keys: tuple[str, ...], value: Any, lines: int
) -> None:
    files = {name: committed(name) for name in (STUDY, SCORES)}
    before = outcome(lambda name: json.dumps(files[name]))
    *parents, last = keys
    node = files[file]
    for parent in parents:
        node = node[parent]
    node[last] += value
    assert len(departures(before, outcome(lambda name: json.dumps(files[name])))) == lines


def test_trials_that_differ_are_told_by_their_numbers() -> None:
    assert changed_trials("trial,value\n0,1.5\n1,1.25\n", "trial,value\n0,1.5\n1,1.5\n") == ["1"]


def test_processors_are_compared_where_the_code_is_the_same() -> None:
    record = {name: {CODE: "a", "x": "1"} for name in ("one", "other", "third")}
    assert agrees("one", record)
    record["other"] = {CODE: "b", "x": "2"}
    assert agrees("one", record)
    record["third"] = {CODE: "a", "x": "2"}
    assert not agrees("one", record)
    assert agrees("other", record)
    assert not agrees("unknown", record)
