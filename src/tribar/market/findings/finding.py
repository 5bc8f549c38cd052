"""A finding, with its evidence, and what is done about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tribar.errors import UserError, listing
from tribar.market.findings.rules import RULES, Action, Rule


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


def decide(seen: Iterable[Evidence], actions: Mapping[str, Action]) -> tuple[Finding, ...]:
    """Return the findings that are not ignored, with what is done about each.

    Args:
        seen: by the rules.
        actions: of `prepare.findings`.
    """
    found = [
        Finding(one.code, actions.get(one.code, RULES[one.code].action), listing(one.cases))
        for one in seen
        if one.cases
    ]
    return tuple(one for one in found if one.action != "ignore")


def settle(seen: Iterable[Evidence], actions: Mapping[str, Action]) -> tuple[Finding, ...]:
    """Return the findings as `decide` does, where none is to be refused.

    Raises:
        UserError: some are; says all of those.
    """
    found = decide(seen, actions)
    refused = [one for one in found if one.action == "refuse"]
    if refused:
        lines = "\n".join(f"  {one.line()}" for one in refused)
        allowed = ", ".join(f"{one.code}: warn" for one in refused)
        raise UserError(
            f"the data cannot be trusted:\n{lines}\n"
            f"to go on all the same, set prepare.findings: {{{allowed}}}"
        )
    return found
