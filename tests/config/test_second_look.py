"""A parameter that is no value does not hide what fails to fit together elsewhere."""

import json
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from pydantic import ValidationError

from tribar.block import conflicts_of
from tribar.config.messages import known_paths
from tribar.config.reading import read_params
from tribar.config.schema import Params
from tribar.config.second_look import LOOKS, mended, second_look
from tribar.errors import UserError
from tribar.search.config import SamplerName
from tribar.trial.pruning.config import PrunerName

PATHS = known_paths(Params.model_json_schema())


@pytest.fixture
def path(repository: Path) -> Path:
    return repository / "params.yaml"


@pytest.fixture
def tree(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text())
    return loaded


def is_allowed(tree: dict[str, Any]) -> bool:
    """Return whether each parameter is one by itself."""
    try:
        Params.model_validate_json(json.dumps(tree))
    except ValidationError as error:
        return bool(conflicts_of(error))
    return True


@pytest.mark.parametrize("place", [*PATHS, *Params.model_fields])
def test_every_example_is_a_value_that_is_allowed(place: str, tree: dict[str, Any]) -> None:
    for look in range(LOOKS):
        example = mended(tree, [place.split(".")], look)
        assert is_allowed(example), example


def test_keys_of_the_same_name_hide_nothing_of_each_other(path: Path) -> None:
    with pytest.raises(UserError) as error:
        read_params(path, ["tune.pruner.name=foo", "tune.sampler.name=brute_force"])
    assert "tune.sampler.name: brute_force needs a step" in str(error.value)
    with pytest.raises(UserError) as error:
        read_params(path, ["tune.space.dropout.low=abc", "tune.space.learning_rate.low=1"])
    assert "tune.space.learning_rate.low: 1 is above high" in str(error.value)


def test_every_name_has_its_look() -> None:
    assert max(len(get_args(names)) for names in (PrunerName, SamplerName)) <= LOOKS


@pytest.mark.parametrize(
    "wrong",
    [
        "training.optimizer=adamax",
        "tune.ntrials=3",
        "prepare.window=wide",
        "baseline=3",
        "tune.space.hidden_dim.hi=3",
        "tune.space.depth={type: fixed, value: 2}",
        "tune.enqueue=[{hidden_dim: [3]}]",
        "prepare.feature_groups.returns=3",
    ],
)
def test_a_misfit_is_told_beside_what_is_no_value(wrong: str, path: Path) -> None:
    clash = ("tune.pruner.name=wilcoxon", "prepare.splits.train=0.9", "training.amp=true")
    with pytest.raises(UserError) as error:
        read_params(path, [wrong, *clash, "training.device=cpu"])
    message = str(error.value)
    assert "4 parameter(s) to mend" in message
    for key in ("tune.pruner.name: wilcoxon", "prepare.splits.train: ", "training.amp: "):
        assert f"\n  {key}" in message


@pytest.mark.parametrize(
    ("wrong", "innocent"),
    [
        ("baseline.hidden_dim=wide", ("model.pooling=multi_head", "model.heads=7")),
        ("model.pooling=max", ("model.heads=7",)),
        ("training.max_epochs=many", ("training.schedule=warmup", "training.warmup_epochs=99")),
        ("training.averaging=mean", ("training.swa_start=99",)),
        ("training.supervision=dens", ("model.bidirectional=true",)),
        ("training.device=tpu", ("training.amp=true",)),
        ("prepare.window=wide", ("model.skip_rows=99",)),
        ("tune.objective.over=fold", ("tune.pruner.name=wilcoxon",)),
        ("tune.sampler.name=best", ("tune.space.dropout.when={hidden_dim: 64}",)),
        ("prepare.splits.validation=much", ("prepare.splits.train=0.9",)),
        ("tune.pruner.threshold.upper=high", ("tune.pruner.threshold.lower=2.0",)),
        ("tune.space.num_layers.high=three", ("tune.space.hidden_dim.when={num_layers: 2}",)),
        ("tune.space.hidden_dim.lwo=3", ("tune.enqueue=[{hidden_dim: 32}]",)),
        ("prepare.feature_groups.volume=3", ("model.features=returns+volume",)),
        ("prepare.feature_groups=3", ("model.features=returns+volume",)),
        (
            "tune.space.hidden_dim={type: int, low: 15, high: 30, step: 15, lo: 3}",
            (
                "tune.space.heads={type: categorical, choices: [3, 5]}",
                "tune.space.pooling={type: fixed, value: multi_head}",
            ),
        ),
    ],
)
def test_nothing_is_blamed_that_a_sound_value_would_clear(
    wrong: str, innocent: tuple[str, ...], path: Path
) -> None:
    with pytest.raises(UserError) as error:
        read_params(path, [wrong, *innocent])
    assert "1 parameter(s) to mend" in str(error.value)
    assert wrong.partition("=")[0] in str(error.value)


def test_a_missing_block_hides_no_misfit(tree: dict[str, Any]) -> None:
    del tree["evaluate"], tree["tune"]["lag"]
    tree["training"] |= {"amp": True, "device": "cpu"}
    faults = second_look(tree, [["evaluate"], ["tune", "lag"]])
    assert list(map(str, faults)) == ["training.amp: it needs device cuda or auto; set it to false on cpu"]
