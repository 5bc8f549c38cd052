"""A trial as steps: after each the pruner is asked, and in the end stands a row."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from tribar.block import Choice
from tribar.errors import UserError
from tribar.runtime import derive_seed
from tribar.trial.deadline import Deadline
from tribar.trial.objective_spec import ObjectiveSpec
from tribar.trial.pruning.config import PrunerParams
from tribar.trial.pruning.past_trials import PastTrialsCache
from tribar.trial.pruning.pruner import TrialPruner
from tribar.trial.result import TrialResult
from tribar.trials import PruneCheck, State, TrialRequest, TrialRow

Metrics = tuple[float, ...]
"""The values of a study's metrics after one step."""


@dataclass(frozen=True)
class SteppedObjective:
    """Runs an objective of one's own as the trials of a study.

    The objective takes a trial's parameters and its seed, and yields its value after each step, so
    that a pruner can stop it between two of them. Worker processes import it: it has to be a
    function of a module, and its value may depend on nothing but what it is given.

    >>> def parabola(params, seed):
    ...     for step in (1, 2, 3):
    ...         yield params["x"] ** 2 + 1 / step
    >>> run = SteppedObjective(parabola, PrunerParams(name="none"), seed=7)
    >>> row = run(TrialRequest(number=0, params={"x": 2.0}, finished=())).row
    >>> row.state, [round(value, 2) for value in row.curve], round(row.value, 2)
    ('COMPLETE', [5.0, 4.5, 4.33], 4.33)

    Attributes:
        steps: the objective.
        pruner: who may stop a trial.
        seed: root of the trials' seeds.
        spec: the metric's name, and whether it is minimised.
    """

    steps: Callable[[Mapping[str, Choice], int], Iterator[float]]
    pruner: PrunerParams
    seed: int
    spec: ObjectiveSpec = field(default_factory=lambda: ObjectiveSpec(("value",)))

    def __call__(self, request: TrialRequest) -> TrialResult:
        """Return what a trial leaves; one that raises is a failed trial.

        Raises:
            OutOfTimeError: the study's time is up.
        """
        past = PastTrialsCache().of(request.finished)
        pruner = TrialPruner(self.pruner, past, request.number, self.spec)
        return TrialResult(run_steps(request, self._metrics(request), pruner, self.spec))

    def _metrics(self, request: TrialRequest) -> Iterator[Metrics]:
        deadline = Deadline.after(request.seconds)
        seed = derive_seed(self.seed, "trial", request.number)
        for value in self.steps(request.params, seed):
            yield (float(value),)
            deadline.check()


def run_steps(
    request: TrialRequest,
    steps: Iterable[Metrics],
    pruner: TrialPruner,
    spec: ObjectiveSpec,
    on_check: Callable[[float, PruneCheck], None] = lambda value, check: None,
) -> TrialRow:
    """Return the row of a trial that takes steps until none is left or the pruner stops it.

    Args:
        request: of the trial.
        steps: the metrics after each; what raises there fails the trial.
        pruner: of the trial.
        spec: the metrics.
        on_check: takes the first metric after each step, and what the pruner said to it.

    Raises:
        UserError: what no configuration is to blame for, as a full disk.
    """
    metrics: list[Metrics] = []
    checks: list[PruneCheck] = []

    def row(state: State, values: Metrics, reason: str) -> TrialRow:
        curve = tuple(one[0] for one in metrics)
        return TrialRow(
            request.number,
            state,
            values,
            request.params,
            curve,
            tuple(checks),
            pruner.rungs,
            reason,
        )

    try:
        for one in steps:
            metrics.append(one)
            checks.append(pruner.check(len(metrics) - 1, one[0]))
            on_check(one[0], checks[-1])
            if checks[-1].pruned:
                return row("PRUNED", _value(metrics, spec), _why(checks[-1]))
        return row("COMPLETE", _value(metrics, spec), "")
    except UserError:
        raise
    except Exception as error:  # one bad configuration must not end a study
        return row("FAIL", (), f"{type(error).__name__}: {error}")


def best_metrics(found: Sequence[Metrics], spec: ObjectiveSpec) -> Metrics:
    """Return the metrics of which the first is best, the earliest among equals."""
    return found[best_step(found, spec)]


def best_step(found: Sequence[Metrics], spec: ObjectiveSpec) -> int:
    """Return the position of the `best_metrics`."""
    values = [metrics[0] for metrics in found]
    return values.index(spec.direction.best(values))


def _value(metrics: Sequence[Metrics], spec: ObjectiveSpec) -> Metrics:
    """Return the metrics of the best step, or the mean over steps that are folds."""
    if spec.sequential_folds:
        return tuple(np.mean(metrics, axis=0).tolist())
    return best_metrics(metrics, spec)


def _why(last: PruneCheck) -> str:
    others = f" from {last.compared} trials" if last.compared else ""
    against = "" if last.threshold is None else f", held against {last.threshold:.6g}{others}"
    return f"{last.rule}: {last.value:.6g} after step {last.step}{against}"
