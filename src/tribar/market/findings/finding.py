"""A finding, the rules that make them, and what is done about each."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tribar.errors import UserError, listing

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
}  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One rule's finding in a source.

    Attributes:
        code: of the rule.
        action: what is done about it.
        evidence: where, and what: symbols, lines, times, numbers.
    """

    code: str
    action: Action
    evidence: str

    @property
    def rule(self) -> Rule:
        """Return the rule."""
        return RULES[self.code]

    def line(self) -> str:
        """Return the finding in words."""
        rule = self.rule
        return f"{self.code} {rule.name}: {self.evidence}; {rule.consequence}; {rule.remedy}"

    def record(self) -> dict[str, str]:
        """Return the finding as plain values for JSON."""
        rule = self.rule
        return {
            "code": self.code,
            "rule": rule.name,
            "action": self.action,
            "evidence": self.evidence,
            "consequence": rule.consequence,
            "remedy": rule.remedy,
        }


@dataclass(frozen=True)
class Case:
    """One case of a finding.

    Attributes:
        text: where, and what: symbol, line, time, numbers.
        place: of the row in the ordering, None where it is of no single row.
    """

    text: str
    place: int | None = None

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Evidence:
    """What a rule saw, before anything is decided about it."""

    code: str
    cases: Sequence[Case]


def settle(seen: Iterable[Evidence], actions: Mapping[str, Action]) -> tuple[Finding, ...]:
    """Return the findings that are not ignored.

    Args:
        seen: by the rules.
        actions: of `prepare.findings`.

    Raises:
        UserError: some are to be refused; says all of those.
    """
    found = [
        Finding(one.code, actions.get(one.code, RULES[one.code].action), listing(one.cases))
        for one in seen
        if one.cases
    ]
    refused = [one for one in found if one.action == "refuse"]
    if refused:
        lines = "\n".join(f"  {one.line()}" for one in refused)
        allowed = ", ".join(f"{one.code}: warn" for one in refused)
        raise UserError(
            f"the data cannot be trusted:\n{lines}\n"
            f"to go on all the same, set prepare.findings: {{{allowed}}}"
        )
    return tuple(one for one in found if one.action != "ignore")
