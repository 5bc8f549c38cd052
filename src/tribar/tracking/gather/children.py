"""The runs below a pipeline's: trials of the study, and the networks of the best model."""

from collections.abc import Mapping, Sequence

import pandas as pd

from tribar.config.schema import Params
from tribar.records.explain import explain
from tribar.study.ranking import ranked
from tribar.tracking.gather.description import preformatted, shortened
from tribar.tracking.record import ChildRecord, Status
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.result import Span
from tribar.trials import State, TrialRow

_STATUS: Mapping[State, Status] = {"COMPLETE": "FINISHED", "PRUNED": "KILLED", "FAIL": "FAILED"}


def trial_children(
    rows: Sequence[TrialRow], params: Params, winner: int | None, spans: Mapping[int, Span]
) -> tuple[ChildRecord, ...]:
    """Return the trials that `tracking` asks for, in the order of their numbers.

    Args:
        rows: of the study.
        params: of the whole pipeline.
        winner: the trial that won on fresh seeds; among the logged ones, whatever its rank.
        spans: when trials ran, by number, as far as that is known.
    """
    spec = ObjectiveSpec.of(params.tune.objective)
    top = [row.number for row in ranked(rows, spec.directions)[: params.tracking.top]]
    is_logged = {*top, winner} if params.tracking.trials == "top" else {row.number for row in rows}
    return tuple(
        ChildRecord(
            name=f"trial {row.number}",
            kind="trial",
            status=_STATUS[row.state],
            description=preformatted(explain(row, rows, spec.direction, winner)),
            tags={"state": row.state, **({"reason": shortened(row.reason)} if row.reason else {})},
            params={name: str(value) for name, value in row.params.items()},
            curves=_curves(row, spec),
            span=spans.get(row.number),
        )
        for row in rows
        if row.number in is_logged
    )


def seed_children(curves: pd.DataFrame, chosen: Mapping[str, str]) -> tuple[ChildRecord, ...]:
    """Return the networks that train-best trained anew, each with its learning curves.

    Args:
        curves: columns seed, epoch, train_loss, validation_loss.
        chosen: their configuration.
    """
    return tuple(
        ChildRecord(
            name=f"seed {seed}",
            kind="seed",
            status="FINISHED",
            description="a network of the best model, trained on a seed of its own",
            tags={},
            params=chosen,
            curves={name: tuple(one[name]) for name in ("train_loss", "validation_loss")},
        )
        for seed, one in curves.groupby("seed")
    )


def _curves(row: TrialRow, spec: ObjectiveSpec) -> dict[str, tuple[float, ...]]:
    """Return the first metric's curve, and the value of each metric that the trial counts with."""
    first, *others = spec.metrics
    values = zip(("value", *others), row.values, strict=False)  # a failed trial has none
    curve = f"validation_{first.removeprefix('log_')}"
    return {curve: row.curve, **{name: (value,) for name, value in values}}
