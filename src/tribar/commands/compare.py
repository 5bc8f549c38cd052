"""tribar compare: is one revision's model better than another's, on the same decisions?"""

import io
from dataclasses import dataclass

import pandas as pd
from rich.console import Console

from tribar.commands.revisions import METRICS, Revision
from tribar.console import print_line
from tribar.errors import UserError
from tribar.evaluation.paired import Paired, pair_losses, pair_predictions
from tribar.evaluation.uncertainty import estimate
from tribar.evaluation.verdict import Verdict, judge
from tribar.outputs.workspace import Workspace

_LOSSES, _PREDICTIONS = METRICS.with_name("losses.csv"), METRICS.with_name("predictions.parquet")
_NO_PREDICTIONS = (
    f"{_LOSSES} is not in both or not of the same decisions, and the predictions, which tell them "
    "apart, are not in DVC's cache; `dvc pull` from a remote, or `dvc repro` in either, brings them"
    "; of other symbols or years each has a verdict of its own alone: `tribar verdict REV`"
)


@dataclass(frozen=True)
class Comparison:
    """What the decisions that two revisions have both judged say of their best models.

    Attributes:
        base: name of the revision that the other is held against.
        new: name of that one.
        paired: the decisions.
        verdict: on the new one.
        confidence: of its interval.
        notes: on what is missing.
    """

    base: str
    new: str
    paired: Paired
    verdict: Verdict
    confidence: float
    notes: tuple[str, ...]

    def text(self) -> list[str]:
        """Return it as lines."""
        base, new, paired = self.base, self.new, self.paired
        return [
            f"{base}: log-loss {paired.base_loss:.4f}, {new}: {paired.new_loss:.4f}, "
            f"{_share(paired)}",
            self.verdict.sentence(new, base, self.confidence),
        ]

    def markdown(self) -> list[str]:
        """Return it as lines of Markdown, as for a pull request."""
        verdict, paired = self.verdict, self.paired
        interval = f"[{verdict.low:+z.4f}, {verdict.high:+z.4f}]"
        return [
            f"**{self.new} against {self.base}: {verdict.verdict}**",
            "",
            f"| log-loss of {self.base} | of {self.new} | difference "
            f"| {100 * self.confidence:g} % interval |",
            "| --- | --- | --- | --- |",
            f"| {paired.base_loss:.4f} | {paired.new_loss:.4f} | {verdict.difference:+z.4f} "
            f"| {interval} |",
            "",
            f"{_share(paired)}{verdict.power()}.",
        ]


def compare(workspace: Workspace, base: str, new: str, markdown: bool, console: Console) -> bool:
    """Print how the new revision's best model does against the base's; return whether it is worse.

    Raises:
        UserError: a revision is unknown or has no results, or they have no decision in common.
    """
    found = compare_revisions(Revision(workspace.root, base), Revision(workspace.root, new))
    for line in [*(found.markdown() if markdown else found.text()), *found.notes]:
        print_line(console, line)
    return found.verdict.verdict == "worse"


def compare_revisions(base: Revision, new: Revision) -> Comparison:
    """Return how the new revision's best model does against the base's.

    Raises:
        UserError: a revision is unknown or has no results, or they have no decision in common.
    """
    base.metrics()
    confidence = float(new.metrics()["comparison"]["confidence"])
    paired, notes = _pair(base, new)
    verdict = judge(estimate(paired.series), confidence, models=1)
    if verdict.verdict == "too few decisions":
        raise UserError(
            f"{base.name} and {new.name}: {paired.decisions} decisions at "
            f"{len(paired.series.sums)} times in common are too few to compare; give the test "
            "split more bars"
        )
    return Comparison(base.name, new.name, paired, verdict, confidence, tuple(notes))


def _pair(base: Revision, new: Revision) -> tuple[Paired, list[str]]:
    """Return the decisions that both have, and a line on what is missing."""
    by_time = _by_losses(base, new)
    if by_time and by_time.is_whole:
        return by_time, []
    try:
        old, young = (pd.read_parquet(io.BytesIO(one.read(_PREDICTIONS))) for one in (base, new))
    except OSError:
        if by_time:
            return by_time, [_NO_PREDICTIONS]
        raise UserError(f"{base.name} and {new.name}: {_NO_PREDICTIONS}") from None
    found = pair_predictions(old, young)
    if not found:
        raise UserError(
            f"{base.name} and {new.name}: no decision in common that has the same label in both; "
            "their test splits lie in other times or symbols, or their labels answer another "
            "question (prepare.labels)"
        )
    return found, []


def _by_losses(base: Revision, new: Revision) -> Paired | None:
    try:
        old, young = (pd.read_csv(io.BytesIO(one.read(_LOSSES))) for one in (base, new))
    except OSError:
        return None
    of_test = new.metrics()["test"]
    return pair_losses(old, young, reach=of_test["horizon"], times=of_test["times"])


def _share(paired: Paired) -> str:
    shares = [f"{paired.decisions / each:.0%}" for each in (paired.of_base, paired.of_new)]
    relabelled = f", {paired.relabelled} with other labels left out" if paired.relabelled else ""
    whose = "all of both" if paired.is_whole else f"{shares[0]} and {shares[1]} of theirs"
    return f"on {paired.decisions} decisions that both have judged ({whose}{relabelled})"
