"""What speaks for a model and against it: the gate, the ledger, and the champion."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tribar.commands.promote.candidate import Candidate
from tribar.commands.promote.condition import Condition
from tribar.commands.promote.duel import CHAMPION, fight
from tribar.commands.promote.evaluated import read_evaluated
from tribar.commands.promote.gate import gate
from tribar.commands.promote.history import Answers, History
from tribar.commands.promote.ledger import Ledger
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.evaluation.forecasts import BEST, Forecasts
from tribar.evaluation.verdict import Word, overall
from tribar.forecasting.forecaster import Forecaster
from tribar.outputs.workspace import OPENINGS, Workspace
from tribar.tracking.fetch import fetch_model
from tribar.tracking.registry import Champion


@dataclass(frozen=True)
class Examination:
    """What was found.

    Attributes:
        verdict: the one word of evaluate.
        log_loss: of the best model on the test split.
        conditions: of the gate, then the one on the champion, where there is a champion.
        lines: all of it, for a reader.
    """

    verdict: Word
    log_loss: float
    conditions: tuple[Condition, ...]
    lines: tuple[str, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Return what was asked for in vain."""
        return tuple(one.asks for one in self.conditions if not one.holds)


def examine(
    candidate: Candidate, champion: Champion | None, params: Params, workspace: Workspace
) -> Examination:
    """Return what speaks for the candidate.

    Raises:
        UserError: there is nothing that could be judged.
    """
    history = History.read(workspace.root, params)
    best = history.ask(candidate.judged)
    evaluated, confidence = read_evaluated(workspace, best), params.evaluate.confidence
    conditions = list(gate(evaluated, params.promote, confidence))
    lines = list(_gate_lines(evaluated, conditions, params, workspace))
    if champion:
        found, line = _against(champion, best, history, params, workspace)
        conditions.append(found)
        lines += [f"champion: {champion.title}{line}", found.line()]
    return Examination(
        overall(evaluated.verdicts(confidence, models=1)),
        float(evaluated.losses[BEST].mean()),
        tuple(conditions),
        tuple(lines),
    )


def _gate_lines(
    evaluated: Forecasts, found: list[Condition], params: Params, workspace: Workspace
) -> Iterator[str]:
    confidence = params.evaluate.confidence
    yield f"gate: {len(evaluated.samples)} decisions of the test split, at {100 * confidence:g} %"
    yield from (one.line() for one in found)
    samples, stated = evaluated.samples, params.evaluate.models_seen
    ledger = Ledger.read(workspace.home / OPENINGS, samples, stated)
    strict = gate(evaluated, params.promote, ledger.level(confidence))
    yield ledger.line(found, strict, confidence)


def _against(
    champion: Champion, best: Answers, history: History, params: Params, workspace: Workspace
) -> tuple[Condition, str]:
    """Return the condition on the champion, and what is to be said of the comparison."""
    asks = params.promote.against_champion
    try:
        with tempfile.TemporaryDirectory(prefix="tribar.") as temporary:
            folder = fetch_model(champion.judged, workspace.home, Path(temporary))
            theirs = history.ask(Forecaster.load(folder))
        duel = fight(theirs, best)
    except UserError as error:
        return Condition.failed(asks, CHAMPION, f"cannot be compared: {error}"), ""
    return duel.condition(asks, params.evaluate.confidence), f"; {duel.line()}"
