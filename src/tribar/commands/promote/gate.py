"""The gate: what the test split says of the model."""

from collections.abc import Sequence

from tribar.commands.promote.condition import Asks, Condition
from tribar.config.schema import PromoteParams
from tribar.errors import UserError, did_you_mean, listing
from tribar.evaluation.forecasts import BEST, Forecasts


def gate(evaluated: Forecasts, params: PromoteParams, confidence: float) -> tuple[Condition, ...]:
    """Return the conditions of the gate.

    Args:
        evaluated: everyone's forecasts of the test split.
        params: what is asked for.
        confidence: of the intervals.

    Raises:
        UserError: a condition names nobody whom evaluate knows.
    """
    loss = {who: float(each.mean()) for who, each in evaluated.losses.items()}
    verdicts = evaluated.verdicts(confidence, models=1)
    asked: tuple[tuple[Asks, Sequence[str]], ...] = (
        ("better", params.better_than),
        ("not_worse", params.not_worse_than),
    )
    return tuple(
        Condition.judged(asks, other, (loss[BEST], loss[other]), verdicts[other], confidence)
        for asks, others in asked
        for other in _known(f"promote.{asks}_than", others, tuple(verdicts))
    )


def _known(key: str, others: Sequence[str], known: Sequence[str]) -> Sequence[str]:
    for other in others:
        if other not in known:
            hint = did_you_mean(other, known) or f"; known: {listing(known, most=20)}"
            raise UserError(f"{key}: evaluate judges against no {other}{hint}")
    return others
