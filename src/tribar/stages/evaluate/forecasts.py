"""Everyone's forecasts of validation and test: the two models, the references, and a pool."""

from collections.abc import Sequence
from dataclasses import dataclass

from tribar.evaluation.forecasts import BEST, Forecasts
from tribar.evaluation.permutation import Permutation
from tribar.evaluation.references import NAMES, Reference, pool, uniform
from tribar.evaluation.verdict import POOL
from tribar.execution.executors import MODULES, open_executor, run_all
from tribar.metrics.predictions import Labels, Probability, prior
from tribar.outputs.workspace import (
    BASELINE_MODEL,
    BEST_MODEL,
    DEVELOPMENT,
    RESULTS,
    TEST,
    Workspace,
)
from tribar.stages.evaluate.inputs import Inputs
from tribar.stages.evaluate.predictions import (
    Job,
    Prediction,
    ReferenceFit,
    forget_inputs,
    run_job,
)

POOLED = 2
"""References in the pool, those strongest on validation, beside the best model."""


@dataclass(frozen=True)
class Everyone:
    """What everyone says.

    Attributes:
        validation: of the samples on which epochs, trials and references were chosen.
        test: of the test split.
        references: what validation chose of each reference.
        permuted: of the best model on the test split, one a permutation.
    """

    validation: Forecasts
    test: Forecasts
    references: tuple[Reference, ...]
    permuted: tuple[Probability, ...]

    def reference(self, name: str) -> Reference:
        """Return a reference by its name."""
        return next(one for one in self.references if one.name == name)


def forecast(
    inputs: Inputs, workspace: Workspace, permutations: Sequence[Permutation] = ()
) -> Everyone:
    """Return everyone's probabilities of validation and test.

    Raises:
        UserError: the workers cannot be used.
    """
    references, said = _ask(workspace, permutations)
    train = inputs.development.part("train")["label"].to_numpy()
    parts = (inputs.development.part("validation"), inputs.test.samples)
    validation, test = (
        Forecasts(
            samples.reset_index(drop=True),
            _with_references(said[2 * n], said[2 * n + 1], references, n, train),
        )
        for n, samples in enumerate(parts)
    )
    return Everyone(validation, test, references, tuple(said[4:]))


def _ask(
    workspace: Workspace, permutations: Sequence[Permutation]
) -> tuple[tuple[Reference, ...], list[Probability]]:
    """Return the references, and what the models say: of validation, of test, and permuted."""
    home = workspace.target(RESULTS / "evaluate")
    best, baseline, development, test = folders = [
        workspace.source(path) for path in (BEST_MODEL, BASELINE_MODEL, DEVELOPMENT, TEST)
    ]
    fits = [ReferenceFit(name, development, test, home) for name in NAMES]
    asked = [
        Prediction(model, split, part, home)
        for split, part in ((development, "validation"), (test, "test"))
        for model in (best, baseline)
    ]
    asked += [Prediction(best, test, "test", home, one) for one in permutations]
    forget_inputs()
    jobs: list[Job] = [*fits, *asked]
    with open_executor(len(jobs), folders, home, MODULES["evaluate"]) as executor:
        found = run_all(executor, run_job, jobs)
    references = tuple(one for one in found if isinstance(one, Reference))
    return references, [one for one in found if not isinstance(one, Reference)]


def _with_references(
    best: Probability,
    baseline: Probability,
    references: Sequence[Reference],
    part: int,
    train_labels: Labels,
) -> dict[str, Probability]:
    """Return everyone's probabilities by name, of validation (part 0) or test (part 1)."""
    strongest = sorted(references, key=lambda one: one.loss)[:POOLED]
    return {
        BEST: best,
        "baseline": baseline,
        "prior": prior(train_labels, len(best)),
        "uniform": uniform(len(best)),
        **{one.name: one.probabilities[part] for one in references},
        POOL: pool([best, *(one.probabilities[part] for one in strongest)]),
    }
