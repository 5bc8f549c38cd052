"""A new model and the champion on the decisions that neither has seen."""

from dataclasses import dataclass

from tribar.commands.promote.condition import Asks, Condition
from tribar.commands.promote.history import KEY, Answers
from tribar.errors import UserError
from tribar.evaluation.paired import Paired, pair_predictions
from tribar.evaluation.uncertainty import estimate
from tribar.evaluation.verdict import judge

CHAMPION = "champion"


@dataclass(frozen=True)
class Duel:
    """Two models' losses on the decisions that neither has learnt from or was validated on.

    Attributes:
        paired: the losses; None where there is no such decision.
        known: decisions with a known label that both forecast, seen or not.
        until: of the champion and of the new model, the date of the last label that it knows.
    """

    paired: Paired | None
    known: int
    until: tuple[str, str]

    def line(self) -> str:
        """Return what was compared and what was left out, for a reader."""
        compared = self.paired.decisions if self.paired else 0
        theirs, ours = self.until
        return (
            f"of {self.known} decisions with a known label {self.known - compared} are left out, "
            f"which the champion's data (until {theirs}) or the new model's (until {ours}) "
            f"reaches; compared on {compared}"
        )

    def condition(self, asks: Asks, confidence: float) -> Condition:
        """Return the condition on the difference of the losses."""
        if self.paired is None:
            return Condition.failed(asks, CHAMPION, "no decision that neither has seen")
        verdict = judge(estimate(self.paired.series), confidence, models=1)
        losses = (self.paired.new_loss, self.paired.base_loss)
        return Condition.judged(asks, CHAMPION, losses, verdict, confidence)


def fight(champion: Answers, new: Answers) -> Duel:
    """Return both models' losses on the decisions that neither has seen.

    A label begins after its decision. So a decision later than the end of the last label that a
    model knows shares no outcome with what the model learnt from, or was chosen or stopped by.

    Raises:
        UserError: the models answer different questions.
    """
    _refuse_another_question(champion, new)
    since = max(champion.until, new.until)
    theirs, ours = (one.table[one.table["decision"] > since] for one in (champion, new))
    known = len(champion.table.merge(new.table[KEY], on=KEY))
    until = f"{champion.until:%Y-%m-%d}", f"{new.until:%Y-%m-%d}"
    return Duel(pair_predictions(theirs, ours), known, until)


def _refuse_another_question(champion: Answers, new: Answers) -> None:
    found = [one.model.model.schema.definition for one in (champion, new)]
    theirs, ours = (one and one.labels for one in found)
    if theirs != ours:
        raise UserError(
            f"its labels answer another question: prepare.labels was {theirs} there, and is {ours} "
            "here"
        )
