"""The study that the parameters, the data and the code of this moment make."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import tribar
from tribar.evaluation import named_scores
from tribar.market.prepared import read_split
from tribar.params import ObjectiveParams, Params
from tribar.runtime import open_device
from tribar.stages.workspace import DEVELOPMENT, Workspace
from tribar.tuning.aim import Aim, Measure, aim_of
from tribar.tuning.identity import Identity, identify
from tribar.tuning.worker import Recipe

STUDIES = Path(".tribar/studies")
CALIBRATION_BINS = 10
"""Of the calibration error in a study; evaluate has its own, which must not make tune stale."""


@dataclass(frozen=True)
class CurrentStudy:
    """A study, run already or not.

    Attributes:
        identity: what makes it this one.
        folder: its journal and its running trials.
        recipe: of its objective.
        aim: its metrics.
    """

    identity: Identity
    folder: Path
    recipe: Recipe
    aim: Aim


def current_study(params: Params, workspace: Workspace) -> CurrentStudy:
    """Return the study of the parameters.

    Raises:
        UserError: nothing is prepared, or the device is absent.
    """
    device = open_device(params.training.device)
    data = workspace.source(DEVELOPMENT)
    read_split(data)  # a fault is found here, not in every worker
    identity = _identify(params, data, device)
    folder = workspace.home / STUDIES / identity.digest
    recipe = Recipe(
        study=identity.digest,
        data=data,
        folder=folder / "running",
        device=device,
        network=params.model,
        training=params.training,
        pruner=params.tune.pruner,
        seed=params.base.seed,
        objective=params.tune.objective,
        measure=_measure(params.tune.objective),
    )
    return CurrentStudy(identity, folder, recipe, aim_of(params.tune.objective))


def _identify(params: Params, data: Path, device: str) -> Identity:
    package = Path(tribar.__file__).parent
    plain = aim_of(params.tune.objective).is_plain
    rooms = ("market", "model", "tuning", *(() if plain else ("evaluation",)))
    code = [path for room in rooms for path in (package / room).glob("*.py")]
    blocks = (params.baseline, params.model, params.training, params.tune)
    return identify(data, [*code, package / "runtime.py"], params.base.seed, device, blocks)


def _measure(params: ObjectiveParams) -> Measure | None:
    if aim_of(params).is_plain:
        return None
    return partial(named_scores, params.metrics, CALIBRATION_BINS)
