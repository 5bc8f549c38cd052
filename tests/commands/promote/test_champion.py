"""tribar promote against a champion: on the decisions that neither has seen."""

import re
from pathlib import Path

import pandas as pd
import pytest

from tests.commands.promote.repositories import (
    ENOUGH,
    Change,
    Repository,
    Shrunk,
    another_question,
    known_until,
    loss_of,
    overconfident,
    unchanged,
)
from tests.running import ROOT
from tribar.commands.promote.candidate import Candidate
from tribar.commands.promote.history import History
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.forecasting.forecaster import Forecaster
from tribar.tracking.registry import Entry, register


def crowned(repository: Repository, change: Change, params: Params) -> Path:
    """Make a changed model the champion, whatever its worth."""
    output = repository.variant("champion", change, params)
    assert repository.promote(params, output, force=True)[0]
    return output


def test_a_better_model_follows_a_worse_champion(place: Repository, shrunk: Shrunk) -> None:
    params = shrunk(*ENOUGH, "promote.against_champion=better")
    crowned(place, overconfident, params)
    done, said = place.promote(params)
    assert done
    assert "holds: better than champion; log-loss 1.09" in said
    assert (place.champion(), place.versions()[1]["forced"]) == ("2", "false")


def test_a_worse_model_does_not_follow_the_champion(place: Repository, shrunk: Shrunk) -> None:
    params = shrunk("promote.better_than=[]", "promote.not_worse_than=[ridge]")
    place.promote(params, force=True)
    worse = place.variant("worse", overconfident, params)
    done, said = place.promote(params, worse)
    assert not done
    found = re.search(
        r"fails: not worse than champion; log-loss (\d\.\d{4}) and (\d\.\d{4}); best vs champion: "
        r"log-loss (\+\d\.\d{4}) \[(\S+), (\S+)\] \(95 %\): worse",
        said,
    )
    assert found, said
    ours, theirs, difference, low, high = map(float, found.groups())
    assert difference == pytest.approx(ours - theirs, abs=2e-4)
    assert 0 < low < difference < high
    assert place.champion() == "1"
    assert place.promote(params, worse, force=True)[0]
    assert place.champion() == "2"
    assert "not worse than champion" in place.versions()[1]["failed"]


def test_an_equal_model_is_not_worse_and_not_better(place: Repository, shrunk: Shrunk) -> None:
    crowned(place, unchanged, shrunk(*ENOUGH))
    done, said = place.promote(shrunk(*ENOUGH, "promote.against_champion=better"))
    assert not done
    assert "log-loss +0.0000 [+0.0000, +0.0000] (95 %): no evidence of a difference" in said
    assert place.promote(shrunk(*ENOUGH))[0]


def test_a_champion_that_has_seen_the_test_split_is_compared_on_none_of_it(
    place: Repository, easy: Params
) -> None:
    """The control: such a champion forecasts what it has learnt by heart."""
    crowned(place, known_until("2018-12-31T00:00:00+00:00"), easy)
    done, said = place.promote(easy)
    assert not done
    assert "reaches; compared on 0" in said
    assert "fails: not worse than champion; no decision that neither has seen" in said


@pytest.mark.parametrize("until", ["2010-06-01", "2017-06-01"])
def test_decisions_that_either_has_seen_are_left_out(
    place: Repository, easy: Params, until: str
) -> None:
    """The champion knows less than the new model, or more."""
    crowned(place, known_until(f"{until}T00:00:00+00:00"), easy)
    done, said = place.promote(easy)
    assert done
    answers = History.read(ROOT, easy).ask(Forecaster.load(place.evaluated / "models/best"))
    seen = answers.table["decision"] <= max(answers.until, pd.Timestamp(until, tz="UTC"))
    later = answers.table[~seen]
    assert f"of {len(seen)} decisions with a known label {seen.sum()} are left out" in said
    assert f"the champion's data (until {until}) or the new model's" in said
    assert f"reaches; compared on {len(later)}" in said
    loss = f"{loss_of(later):.4f}"
    assert f"than champion; log-loss {loss} and {loss};" in said


def test_too_few_unseen_decisions_are_a_refusal(place: Repository, easy: Params) -> None:
    crowned(place, known_until("2018-11-15T00:00:00+00:00"), easy)
    done, said = place.promote(easy)
    assert not done
    assert re.search(r"fails: not worse than champion; .*too few decisions", said)


def test_a_champion_of_other_labels_cannot_be_compared(place: Repository, easy: Params) -> None:
    crowned(place, unchanged, easy)
    other = place.variant("other", another_question, easy)
    done, said = place.promote(easy, other)
    assert not done
    assert "cannot be compared: its labels answer another question" in said
    assert place.promote(easy, other, force=True)[0]


def test_a_champion_that_came_meanwhile_is_not_replaced(place: Repository, easy: Params) -> None:
    place.promote(easy)
    candidate = Candidate.read(place.workspace(), refit=False)
    entry = Entry("tribar", "", (), candidate.record(), candidate.judged.version, {}, "", "")
    with pytest.raises(UserError, match="the champion is another by now; run promote again"):
        register(entry, None, "tribar", place.home)
    assert len(place.versions()) == 1
