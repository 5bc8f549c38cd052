"""The rules that findings are made by: what each means, and what is done about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Action = Literal["refuse", "warn", "ignore"]


@dataclass(frozen=True)
class Rule:
    """A kind of finding.

    Attributes:
        name: what is found.
        action: what is done about it, unless `prepare.findings` says otherwise.
        consequence: what it does to the result.
        remedy: what to do.
    """

    name: str
    action: Action
    consequence: str
    remedy: str


RULES: Mapping[str, Rule] = {
    "TD001": Rule(
        "two price scales: closes outside [low, high]", "refuse",
        "features of the bar's range compare prices that do not belong together",
        "take open, high and low that are adjusted as the close is, or a raw close with a column "
        "adj_close beside it",
    ),
    "TD002": Rule(
        "a move by a round factor that stays, as an unadjusted split", "warn",
        "the move is taken for a return, and its labels for the market's",
        "adjust the prices before it, or give a column adj_close",
    ),
    "TD003": Rule(
        "stale prices: the close stands still for unusually long", "warn",
        "labels there say that nothing moved when nothing was traded or quoted",
        "leave these bars out",
    ),
    "TD004": Rule(
        "no volume reported", "warn", "features of volume are 0 there, or left out",
        "add the volume, or leave features of it out",
    ),
    "TD005": Rule(
        "features that say nothing", "warn", "they are left out",
        "take them out of prepare.features, or mend the columns that they are made of",
    ),
    "TD006": Rule(
        "late columns: rows before them are lost", "warn", "each costs the rows of its own",
        "leave the column out, or fill it",
    ),
    "TD007": Rule(
        "holes: far longer without a bar than usual", "warn",
        "returns and windows reach across them",
        "fill them, or leave out the bars on one side",
    ),
    "TD008": Rule(
        "bars off the usual grid", "warn",
        "a bar that is not finished, or shorter than the others, counts as a whole one",
        "leave them out",
    ),
    "TD009": Rule(
        "one series under two names", "warn",
        "its decisions count twice, and intervals are too narrow", "leave one of them out",
    ),
    "TD010": Rule(
        "prices jump where one file ends and the next begins", "warn",
        "the jump is taken for a return",
        "take all files from one source, adjusted alike",
    ),
    "TD011": Rule(
        "labels of two classes", "refuse",
        "a classifier of three classes cannot be trained or judged on them",
        "write -1, 0 and 1; from bars tribar makes such labels itself (prepare.kind: bars)",
    ),
    "TD012": Rule(
        "a column alone tells the label", "refuse",
        "the model would read the answer, which nobody has in time",
        "leave the column out, for it is probably made from the future",
    ),
    "TD013": Rule(
        "the unit of epochs changes within a file", "warn",
        "each time is read in the unit that its digits tell",
        "nothing, if the times are right; else set prepare.read.date_format",
    ),
    "TD014": Rule(
        "labels that end before their decision", "refuse",
        "they tell what was over by then, so that their rows make no sample",
        "correct label_end in these rows, or leave their labels empty",
    ),
}  # fmt: skip
