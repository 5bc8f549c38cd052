"""Configurations that cannot be, refused when they are read: all faults, each under its key."""

from collections.abc import Callable

import pytest

from tribar.block import ConflictError
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.runtime import open_device

Shrunk = Callable[..., Params]
CONFLICTS = {
    ("model.pooling=multi_head", "model.heads=5"): "heads: 5 does not divide the width of 64; "
    "those that do: 1, 2, 4, 8",
    ("baseline.dropout=[0.1, 0.2, 0.3]",): "baseline.dropout: 3 values for 2 layers",
    ("training.schedule=warmup", "training.warmup_epochs=9.0", "training.max_epochs=4"):
        "training.warmup_epochs: 9 of 4 max_epochs",
    ("training.averaging=swa", "training.swa_start=4", "training.max_epochs=4"):
        "training.swa_start: 4 of 4 max_epochs",
    ("model.bidirectional=true", "training.supervision=dense"):
        "model.bidirectional: under dense supervision it would see the future",
    ("training.amp=true", "training.device=cpu"): "training.amp: it needs device cuda or auto",
    ("model.features=colour",): "model.features: 'colour' is no group of prepare.feature_groups; "
    "known: all, or joined by +: returns",
    ("tune.space.features={type: categorical, choices: [all, taste]}",):
        "tune.space.features: 'taste' is no group",
    ("model.features=all+returns",): "model.features: 'all' is no group",
    ("model.skip_rows=61",): "model.skip_rows: 61 rows of a window of 60",
    ("tune.space.skip_rows={type: int, low: 0, high: 99}",): "tune.space.skip_rows: 99 rows",
    ("tune.space.skip_rows={type: int, low: 10, high: 99, step: 60}",):
        "tune.space.skip_rows: 70 rows",
    ("training.optimizer=adamax",): "training.optimizer: input should be 'adam', 'adamw'",
    ("training.schedule=step",): "training.schedule: input should be 'constant'",
    ("model.pooling=axe",): "model.pooling: input should be 'last'",
}  # fmt: skip


@pytest.mark.parametrize("overrides", CONFLICTS, ids=str)
def test_it_is_refused_with_its_key(overrides: tuple[str, ...], shrunk: Shrunk) -> None:
    with pytest.raises(UserError) as error:
        shrunk(*overrides)
    assert CONFLICTS[overrides] in str(error.value)


def test_an_end_that_no_step_reaches_is_no_fault(shrunk: Shrunk) -> None:
    shrunk("tune.space.skip_rows={type: int, low: 10, high: 69, step: 40}")


def test_all_of_it_at_once(shrunk: Shrunk) -> None:
    with pytest.raises(UserError) as error:
        shrunk(
            "model.bidirectional=true", "training.averaging=swa", "training.swa_start=99",
            "model.features=colour", "model.skip_rows=61", "model.pooling=multi_head",
            "model.heads=7", "baseline.dropout=[0.1]",
        )  # fmt: skip
    for part in (
        "model.bidirectional",
        "swa_start",
        "model.features",
        "model.heads",
        "baseline.dropout",
    ):
        assert part in str(error.value)
    assert "6 parameter(s) to mend" in str(error.value)


@pytest.mark.parametrize(
    "broken",
    ["base.seed=-1", "tracking.experiment=3", "evaluate=3", "evaluates=3", "model.cell=cnn"],
)
def test_a_conflict_is_reported_beside_a_broken_block(broken: str, shrunk: Shrunk) -> None:
    conflicts = ("tune.pruner.name=wilcoxon", "prepare.splits.train=0.9", "training.amp=true")
    with pytest.raises(UserError) as error:
        shrunk(broken, *conflicts, "training.device=cpu")
    keys = ["prepare.splits.train", "training.amp", "tune.pruner.name"]
    lines = str(error.value).splitlines()
    assert lines[0].endswith("4 parameter(s) to mend:")
    found = [line.strip().partition(": ")[0] for line in lines[1:]]
    assert [key for key in found if key in keys] == keys
    assert broken.partition("=")[0] in found


def test_a_conflict_between_blocks_is_reported_beside_a_broken_third(shrunk: Shrunk) -> None:
    with pytest.raises(UserError) as error:
        shrunk("baseline.hidden_dim=wide", "model.skip_rows=61", "tune.space.heads={type: int, "
            "low: 1, high: 4}")  # fmt: skip
    for key in ("baseline.hidden_dim", "model.skip_rows", "tune.space.heads"):
        assert f"\n  {key}: " in str(error.value)
    assert "3 parameter(s) to mend" in str(error.value)


@pytest.mark.parametrize(
    ("broken", "innocent"),
    [
        ("baseline.hidden_dim=wide", ("model.pooling=multi_head", "model.heads=7")),
        ("training.supervision=dens", ("model.bidirectional=true",)),
        ("training.device=tpu", ("training.amp=true",)),
        ("prepare.window=wide", ("model.skip_rows=99",)),
        ("prepare.feature_groups=3", ("model.features=returns+volume",)),
        ("tune.objective.over=fold", ("tune.pruner.name=wilcoxon",)),
        ("tune.space.num_layers.high=three", ("tune.space.hidden_dim.when={num_layers: 2}",)),
        (
            "tune.space.hidden_dim={type: int, low: 15, high: 30, step: 15, lo: 3}",
            (
                "tune.space.heads={type: categorical, choices: [3, 5]}",
                "tune.space.pooling={type: fixed, value: multi_head}",
            ),
        ),
    ],
)
def test_nothing_is_blamed_for_what_cannot_be_read(
    broken: str, innocent: tuple[str, ...], shrunk: Shrunk
) -> None:
    with pytest.raises(UserError) as error:
        shrunk(broken, *innocent)
    assert "1 parameter(s) to mend" in str(error.value)
    assert broken.partition("=")[0] in str(error.value)


def test_mixed_precision_without_a_device_is_refused() -> None:
    with pytest.raises(UserError, match=r"training.amp: it needs a CUDA device"):
        open_device("cpu", amp=True)


def test_one_dropout_a_layer_can_be_searched(shrunk: Shrunk) -> None:
    params = shrunk(
        "tune.space={num_layers: {type: int, low: 1, high: 2}, "
        "dropout_1: {type: float, low: 0.0, high: 0.5, step: 0.1}, "
        "dropout_2: {type: float, low: 0.0, high: 0.5, step: 0.1, when: {num_layers: 2}}}"
    )
    point = {"num_layers": 2, "dropout_1": 0.1, "dropout_2": 0.4}
    hyper = params.training.complete(params.model, **point)
    assert hyper.dropouts == (0.1, 0.4)
    assert point.items() <= hyper.by_name().items()
    one = params.training.complete(params.model, num_layers=1, dropout_1=0.3)
    assert one.dropouts == (0.3,)
    three = params.model.model_copy(update={"dropout": (0.1, 0.2, 0.3)})
    with pytest.raises(ConflictError, match="3 values for 2 layers"):
        params.training.complete(three, num_layers=2, dropout_1=0.4)
