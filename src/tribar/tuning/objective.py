"""The objective: one trial from its parameters to its row."""

from collections.abc import Callable
from dataclasses import dataclass

from tribar.model.fitting import Fold
from tribar.model.training import train
from tribar.params import ModelParams, PrunerParams, TrainingParams
from tribar.runtime import derive_seed
from tribar.tuning.pruners import Referee
from tribar.tuning.trial import Job, PruneCheck, State, TrialRow, running_best


@dataclass(frozen=True)
class Objective:
    """Lowest validation log-loss of a network trained with a trial's parameters.

    Attributes:
        fold: training and validation windows.
        network: values of the network's parameters that are not searched.
        training: the loop, and its parameters that are not searched.
        pruner: who may stop a trial.
        seed: root of the trials' seeds.
        watch: called after every epoch with (trial, epoch, loss).
    """

    fold: Fold
    network: ModelParams
    training: TrainingParams
    pruner: PrunerParams
    seed: int
    watch: Callable[[int, int, float], None] = lambda trial, epoch, loss: None

    def __call__(self, job: Job) -> TrialRow:
        """Return the row of a trial; one that raises or diverges is a failed trial."""
        run = _Run(job, self)
        try:
            train(
                self.fold.fit,
                self.fold.check,
                self.training.complete(self.network, **job.params),
                self.training,
                derive_seed(self.seed, "trial", job.number),
                run.report,
            )
        except _PrunedError:
            return run.row("PRUNED", min(run.curve), run.why_pruned())
        except Exception as error:  # one bad configuration must not end a study
            return run.row("FAIL", None, f"{type(error).__name__}: {error}")
        return run.row("COMPLETE", min(run.curve), "")


class _PrunedError(Exception):
    """Ends the training of a pruned trial."""


class _Run:
    """The curve and the pruner's looks of a trial while it runs."""

    def __init__(self, job: Job, objective: Objective) -> None:
        self._job = job
        self._watch = objective.watch
        self._referee = Referee(
            objective.pruner, job.told, job.number, objective.training.max_epochs
        )
        self.curve: list[float] = []
        self._checks: list[PruneCheck] = []

    def report(self, epoch: int, loss: float) -> None:
        self.curve.append(loss)
        self._watch(self._job.number, epoch, loss)
        self._checks.append(self._referee.check(epoch, running_best(self.curve)[-1]))
        if self._checks[-1].pruned:
            raise _PrunedError

    def why_pruned(self) -> str:
        last = self._checks[-1]
        return (
            f"{last.rule}: after epoch {last.epoch} its best {last.value:.6g} was above "
            f"{last.threshold:.6g}, the threshold over {last.compared} completed trials"
        )

    def row(self, state: State, value: float | None, reason: str) -> TrialRow:
        curve, checks = tuple(self.curve), tuple(self._checks)
        return TrialRow(self._job.number, state, value, self._job.params, curve, checks, reason)
