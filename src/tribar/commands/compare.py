"""tribar compare: is one revision's model better than another's, on the same decisions?"""

import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from rich.console import Console

from tribar.console import print_line
from tribar.errors import UserError
from tribar.evaluation.paired import Paired, pair_losses, pair_predictions
from tribar.evaluation.uncertainty import estimate
from tribar.evaluation.verdict import Verdict, judge
from tribar.outputs.workspace import RESULTS, Workspace

WORKSPACE = "workspace"
_FOLDER = RESULTS / "evaluate"
_METRICS, _LOSSES, _PREDICTIONS = (
    _FOLDER / name for name in ("metrics.json", "losses.csv", "predictions.parquet")
)
_NO_PREDICTIONS = (
    f"{_LOSSES} is not in both or not of the same decisions, and the predictions, which tell them "
    "apart, are not in DVC's cache; `dvc pull` from a remote, or `dvc repro` in either, brings them"
)


@dataclass(frozen=True)
class Revision:
    """A revision or experiment of the repository, or its working tree.

    Attributes:
        root: the repository.
        name: anything that git or DVC knows; `workspace` for the working tree.
    """

    root: Path
    name: str

    def read(self, path: Path) -> bytes:
        """Return a result's content: a tracked file, or one from DVC's cache or remote.

        Raises:
            UserError: there is no such revision.
            FileNotFoundError: it has no such file, or the cache does not hold it.
        """
        if self.name == WORKSPACE:
            return (self.root / path).read_bytes()
        from dvc.api import DVCFileSystem
        from dvc.exceptions import DvcException
        from dvc.scm import RevError, SCMError

        try:
            content: bytes = DVCFileSystem(str(self.root), rev=self.name).read_bytes(
                path.as_posix()
            )
        except RevError:
            raise UserError(
                f"{self.name}: no revision or experiment of this repository; `git log` and "
                "`dvc exp show` list them, and a shallow clone lacks most: git fetch --unshallow"
            ) from None
        except (DvcException, SCMError) as error:
            raise FileNotFoundError(str(error)) from None
        return content

    def metrics(self) -> dict[str, Any]:
        """Return what evaluate found.

        Raises:
            UserError: it has no results of evaluate.
        """
        try:
            content: dict[str, Any] = json.loads(self.read(_METRICS))
        except OSError:
            raise UserError(
                f"{self.name}: has no {_METRICS}; run `dvc repro` there and commit the results"
            ) from None
        return content


def compare(workspace: Workspace, base: str, new: str, markdown: bool, console: Console) -> bool:
    """Print how the new revision's best model does against the base's; return whether it is worse.

    Raises:
        UserError: a revision is unknown or has no results, or they have no decision in common.
    """
    revisions = (Revision(workspace.root, base), Revision(workspace.root, new))
    confidence = float(revisions[1].metrics()["comparison"]["confidence"])
    paired, note = _pair(*revisions)
    verdict = judge(estimate(paired.series), confidence, models=1)
    if verdict.verdict == "too few decisions":
        raise UserError(
            f"{base} and {new}: {paired.decisions} decisions at {len(paired.series.sums)} times in "
            "common are too few to compare; give the test split more bars"
        )
    table = _markdown if markdown else _text
    for line in [*table(base, new, paired, verdict, confidence), *note]:
        print_line(console, line)
    return verdict.verdict == "worse"


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


def _text(base: str, new: str, paired: Paired, verdict: Verdict, confidence: float) -> list[str]:
    return [
        f"{base}: log-loss {paired.base_loss:.4f}, {new}: {paired.new_loss:.4f}, {_share(paired)}",
        verdict.sentence(new, base, confidence),
    ]


def _markdown(
    base: str, new: str, paired: Paired, verdict: Verdict, confidence: float
) -> list[str]:
    interval = f"[{verdict.low:+z.4f}, {verdict.high:+z.4f}]"
    return [
        f"**{new} against {base}: {verdict.verdict}**",
        "",
        f"| log-loss of {base} | of {new} | difference | {100 * confidence:g} % interval |",
        "| --- | --- | --- | --- |",
        f"| {paired.base_loss:.4f} | {paired.new_loss:.4f} | {verdict.difference:+z.4f} "
        f"| {interval} |",
        "",
        f"{_share(paired)}{verdict.power()}.",
    ]


def _share(paired: Paired) -> str:
    shares = [f"{paired.decisions / each:.0%}" for each in (paired.of_base, paired.of_new)]
    relabelled = f", {paired.relabelled} with other labels left out" if paired.relabelled else ""
    whose = "all of both" if paired.is_whole else f"{shares[0]} and {shares[1]} of theirs"
    return f"on {paired.decisions} decisions that both have judged ({whose}{relabelled})"
