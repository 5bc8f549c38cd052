"""Every option of the network: its shape, its gradients, what it sees, and its bits."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from tests.model.synthetic import WINDOW, synthetic_split
from tests.running import ROOT
from tribar.config.schema import Params
from tribar.dataset.schema import CLASSES
from tribar.model.config import Cell, Hyperparameters, PoolingName
from tribar.model.folds import Fold, make_fold
from tribar.model.network.classifier import RecurrentClassifier, count_parameters
from tribar.model.network.encoder import Encoder, LockedDropout
from tribar.model.network.gru import FastGRU
from tribar.model.network.pooling import Attention, MultiHeadAttention, trailing
from tribar.model.training.epoch import score_windows
from tribar.model.training.trainer import Trainer

Shrunk = Callable[..., Params]
SMALL = ("model.hidden_dim=8", "model.heads=2")
OPTIONS = {
    "plain": (),
    "gru": ("model.cell=gru",),
    "one layer": ("model.num_layers=1",),
    "three layers": ("model.num_layers=3",),
    "dropout by layer": ("model.dropout=[0.1, 0.4]",),
    "locked dropout": ("model.dropout_kind=locked",),
    "input dropout": ("model.input_dropout=0.3",),
    "layer norm": ("model.layer_norm=true",),
    "residual": ("model.residual=true",),
    "residual gru": ("model.residual=true", "model.cell=gru", "model.layer_norm=true"),
    "mean": ("model.pooling=mean",),
    "attention": ("model.pooling=attention",),
    "multi head": ("model.pooling=multi_head",),
    "skip": ("model.skip_rows=1",),
    "skip of three": ("model.skip_rows=3", "model.skip_start=random"),
    "some features": ("model.features=signal", "model.skip_rows=2"),
    "adamw": ("training.optimizer=adamw", "training.weight_decay=0.1"),
    "radam": ("training.optimizer=radam",),
    "sgd": ("training.optimizer=sgd", "training.schedule=one_cycle"),
    "warm-up": ("training.schedule=warmup_cosine",),
    "plateau": ("training.schedule=plateau",),
    "focal": ("training.loss=focal", "training.label_smoothing=0.1"),
    "weighted": ("training.class_weights=balanced", "training.sample_weights=uniqueness"),
    "ema": ("training.averaging=ema", "training.ema_decay=0.9"),
    "swa": ("training.averaging=swa",),
}
SLIDING = {
    "both directions": ("model.bidirectional=true", "training.supervision=sliding"),
    "sliding": ("training.supervision=sliding",),
    "both directions, multi head": (
        "model.bidirectional=true", "training.supervision=sliding", "model.pooling=multi_head",
    ),
}  # fmt: skip
EVERY = OPTIONS | SLIDING
SEEN = [option for option in OPTIONS if option not in ("some features",)]


def test_every_cell_and_pooling_is_tried() -> None:
    tried = {option for options in EVERY.values() for option in options}
    assert {f"model.cell={name}" for name in get_args(Cell)} - tried == {"model.cell=lstm"}
    assert {f"model.pooling={name}" for name in get_args(PoolingName)} - tried == {
        "model.pooling=last"
    }


@pytest.fixture(scope="module")
def fold() -> Fold:
    split = synthetic_split()
    return make_fold(split, split.part("train"), split.part("validation"), "cpu")


def settings(shrunk: Shrunk, *overrides: str) -> tuple[Params, Hyperparameters]:
    groups = "prepare.feature_groups={signal: [return_1], noise: [gap]}"
    params = shrunk(
        *SMALL, groups, "training.max_epochs=2", "training.patience=2", "training.stride=5",
        "training.learning_rate=0.01", *overrides,
    )  # fmt: skip
    return params, params.training.complete(params.model)


def network(hyper: Hyperparameters) -> RecurrentClassifier:
    torch.manual_seed(0)
    columns = (0,) if hyper.features == "signal" else (0, 1, 2)
    return RecurrentClassifier(columns, WINDOW, hyper)


@pytest.mark.parametrize("option", EVERY)
def test_logits_have_a_row_for_every_scored_bar(option: str, shrunk: Shrunk) -> None:
    one = network(settings(shrunk, *EVERY[option])[1])
    assert one(torch.randn(4, WINDOW, 3)).shape == (4, 1, len(CLASSES))
    assert one(torch.randn(4, WINDOW + 6, 3), n_targets=7).shape == (4, 7, len(CLASSES))
    assert count_parameters(one) == sum(p.numel() for p in one.parameters())


@pytest.mark.parametrize("option", EVERY)
def test_every_weight_gets_a_gradient(option: str, shrunk: Shrunk) -> None:
    one = network(settings(shrunk, *EVERY[option])[1])
    one(torch.randn(6, WINDOW + 2, 3), 3).square().sum().backward()
    names = [name for name, p in one.named_parameters() if p.grad is None or not p.grad.any()]
    # A key's bias moves all scores of a window alike, so it has no gradient by its nature.
    assert [name for name in names if name != "pooling.key.bias"] == []


@pytest.mark.parametrize("option", OPTIONS)
def test_a_scored_bar_knows_nothing_of_those_after_it(option: str, shrunk: Shrunk) -> None:
    one = network(settings(shrunk, *OPTIONS[option])[1])
    rows = torch.randn(2, WINDOW + 9, 3)
    for mode in (one.eval, one.train):
        for bar in range(9):
            mode()
            torch.manual_seed(1)
            clean = one(rows, 10)[:, : bar + 1]
            poisoned = rows.clone()
            poisoned[:, WINDOW + bar :] = 1e6
            torch.manual_seed(1)
            assert torch.equal(one(poisoned, 10)[:, : bar + 1], clean)


@pytest.mark.parametrize("option", EVERY)
def test_a_decision_knows_nothing_of_the_bars_after_it(
    option: str, fold: Fold, shrunk: Shrunk
) -> None:
    """In both directions too: a window ends with its decision."""
    params, hyper = settings(shrunk, *EVERY[option])
    trainer = Trainer(fold, hyper, params.training, seed=1)
    trainer.run_epoch()
    early = fold.train.last < fold.train.last.median()
    poisoned = fold.train.rows.clone()
    poisoned[int(fold.train.last[early].max()) + 1 :] = torch.nan
    clean = score_windows(trainer.network, fold.train)[early]
    blind = replace(fold.train, rows=poisoned)
    assert torch.equal(score_windows(trainer.network, blind)[early], clean)


@pytest.mark.parametrize("option", EVERY)
def test_training_reads_no_bar_that_no_training_window_covers(
    option: str, fold: Fold, shrunk: Shrunk
) -> None:
    """From a logistic start too: nothing of the evaluated part, nor of what is purged before it."""
    params, hyper = settings(shrunk, *EVERY[option])
    covered = np.unique(fold.train.last[:, None] + torch.arange(1 - WINDOW, 1))
    poisoned = torch.full_like(fold.train.rows, torch.nan)
    poisoned[covered] = fold.train.rows[covered]
    assert poisoned.isnan().any()
    clean, blind = (
        Trainer(replace(fold, train=fit), hyper, params.training, seed=1)
        for fit in (fold.train, replace(fold.train, rows=poisoned))
    )
    assert clean.run_epoch() == blind.run_epoch()
    theirs = blind.network.state_dict()
    assert all(torch.equal(x, theirs[name]) for name, x in clean.network.state_dict().items())


@pytest.mark.parametrize("option", EVERY)
def test_every_weight_moves_in_training(option: str, fold: Fold, shrunk: Shrunk) -> None:
    """From a logistic start too, where the first step moves the head alone."""
    params, hyper = settings(shrunk, *EVERY[option])
    trainer = Trainer(fold, hyper, params.training, seed=1)
    before = {name: weight.detach().clone() for name, weight in trainer.network.named_parameters()}
    trainer.run_epoch()
    still = [
        name for name, weight in trainer.network.named_parameters()
        if torch.equal(weight, before[name]) and name != "pooling.key.bias"
    ]  # fmt: skip
    assert still == []


@pytest.mark.parametrize("option", OPTIONS)
def test_a_segment_of_one_window_is_that_window(option: str, shrunk: Shrunk) -> None:
    """And pooling sees the trailing window alone, whatever the states before it."""
    one = network(settings(shrunk, *OPTIONS[option])[1]).eval()
    rows = torch.randn(2, WINDOW + 4, 3)
    segment = one(rows, 5)
    torch.testing.assert_close(one(rows[:, :WINDOW])[:, 0], segment[:, 0])


@pytest.mark.parametrize("option", EVERY)
def test_training_is_the_same_bits_again(option: str, fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk, *EVERY[option])
    runs = []
    for noise in (1, 2):
        trainer = Trainer(fold, hyper, params.training, seed=5)
        while not trainer.done:
            torch.manual_seed(noise)
            trainer.run_epoch()
        weights = [weight.detach() for weight in trainer.finish().network.parameters()]
        runs.append((trainer.curve, trainer.train_curve, weights))
    assert runs[0][:2] == runs[1][:2]
    assert all(map(torch.equal, runs[0][2], runs[1][2]))


def test_an_unseen_feature_changes_nothing(shrunk: Shrunk) -> None:
    one = network(settings(shrunk, *OPTIONS["some features"])[1]).eval()
    rows = torch.randn(2, WINDOW, 3)
    other = rows.clone()
    other[..., 1:] = torch.nan
    assert torch.equal(one(rows), one(other))


@pytest.mark.parametrize("cell", get_args(Cell))
@pytest.mark.parametrize("bidirectional", [False, True])
def test_the_layers_are_torchs_own_in_a_stack(
    cell: str, bidirectional: bool, shrunk: Shrunk
) -> None:
    way = (f"model.bidirectional={bidirectional}".lower(), "training.supervision=sliding")
    _, hyper = settings(shrunk, f"model.cell={cell}", "model.num_layers=3", *way)
    ours = Encoder(3, hyper).eval()
    plain = getattr(nn, cell.upper())(3, 8, 3, batch_first=True, bidirectional=bidirectional)
    with torch.no_grad():
        mine = [weight for layer in ours.layers for weight in layer.parameters()]
        for theirs, own in zip(plain.parameters(), mine, strict=True):
            theirs.copy_(own)
    bars = torch.randn(4, WINDOW, 3)
    torch.testing.assert_close(ours(bars), plain(bars)[0])


@pytest.mark.parametrize("kind", [torch.float64, torch.float32])
@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize(("batch", "bars", "hidden"), [(1, 1, 1), (4, 12, 8), (3, 40, 16)])
def test_the_fast_gru_is_torchs(
    batch: int, bars: int, hidden: int, both: bool, kind: torch.dtype
) -> None:
    torch.manual_seed(0)
    one = FastGRU(5, hidden, batch_first=True, bidirectional=both).to(kind)
    inputs = torch.randn(batch, bars, 5, dtype=kind, requires_grad=True)
    given = torch.randn(batch, bars, hidden * (1 + both), dtype=kind)
    near = (1e-10, 1e-12) if kind == torch.float64 else (1e-4, 1e-5)
    found = []
    for walk in (one, nn.GRU.forward):
        states: Tensor = walk(inputs)[0] if walk is one else nn.GRU.forward(one, inputs)[0]
        grads = torch.autograd.grad((states * given).sum(), [inputs, *one.parameters()])
        found.append([states, *grads])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=near[0], atol=near[1])
    if kind == torch.float64:
        assert torch.autograd.gradcheck(lambda x: one(x)[0], inputs)


@pytest.mark.parametrize("cell", get_args(Cell))
def test_the_last_state_is_where_each_direction_ends(cell: str, shrunk: Shrunk) -> None:
    both = ("model.bidirectional=true", "training.supervision=sliding", "model.num_layers=1")
    one = network(settings(shrunk, f"model.cell={cell}", *both)[1]).eval()
    rows = torch.randn(4, WINDOW, 3)
    _, ended = one.encoder.layers[0](rows)
    last = (ended[0] if cell == "lstm" else ended).transpose(0, 1).flatten(1)
    torch.testing.assert_close(one(rows)[:, 0], one.head(last))
    weights = one.attention(rows)
    assert weights[:, [0, -1]].eq(0.5).all()
    assert weights.sum(dim=1).eq(1).all()


def test_locked_dropout_is_one_mask_for_all_bars() -> None:
    torch.manual_seed(0)
    states = LockedDropout(0.5)(torch.ones(6, 9, 20))
    assert torch.equal(states, states[:, :1].expand_as(states))
    assert set(states.unique().tolist()) == {0.0, 2.0}


def test_trailing_windows_by_hand() -> None:
    values = torch.arange(6.0)[None]
    assert trailing(values, 3, 2).tolist() == [[[2, 3, 4], [3, 4, 5]]]


def test_attention_weights_sum_to_one_and_make_the_pooled_state() -> None:
    torch.manual_seed(0)
    states = torch.randn(2, 11, 8)
    for pooling in (Attention(8), MultiHeadAttention(8, 2)):
        weights = pooling.weights(states, 6, 4)
        assert weights.shape == (2, 4, 6)
        torch.testing.assert_close(weights.sum(dim=2), torch.ones(2, 4))
    one = Attention(8)
    by_hand = one.weights(states, 6, 1)[:, 0, :, None] * states[:, -6:]
    torch.testing.assert_close(one(states, 6, 1)[:, 0], by_hand.sum(dim=1))


def test_multi_head_attention_is_torchs() -> None:
    torch.manual_seed(0)
    ours, plain = MultiHeadAttention(8, 2), nn.MultiheadAttention(8, 2, batch_first=True)
    with torch.no_grad():
        plain.in_proj_weight.copy_(
            torch.cat([ours.query.weight, ours.key.weight, ours.value.weight])
        )
        plain.in_proj_bias.copy_(torch.cat([ours.query.bias, ours.key.bias, ours.value.bias]))
        plain.out_proj.load_state_dict(ours.out.state_dict())
    states = torch.randn(3, 6, 8)
    pooled, weights = plain(states[:, -1:], states, states)
    torch.testing.assert_close(ours(states, 6, 1), pooled)
    torch.testing.assert_close(ours.weights(states, 6, 1), weights)


def test_attention_of_a_network_is_a_distribution_over_the_window(shrunk: Shrunk) -> None:
    for name in get_args(PoolingName):
        one = network(settings(shrunk, f"model.pooling={name}")[1]).eval()
        weights = one.attention(torch.randn(5, WINDOW, 3)).detach().numpy()
        np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
        assert weights.shape == (5, WINDOW)


UNKEPT = """
import torch
from tribar.model.network.gru import FastGRU
states, _ = FastGRU(3, 4, batch_first=True)(torch.ones(2, 5, 3))
print(tuple(states.shape))
"""


def test_a_gru_trains_where_nothing_compiled_can_be_kept() -> None:
    environment = os.environ | {
        "NUMBA_CACHE_LOCATOR_CLASSES": "UserProvidedCacheLocator",
        "NUMBA_CACHE_DIR": "",
        "PYTHONPATH": str(ROOT / "src"),
    }
    done = subprocess.run(
        [sys.executable, "-c", UNKEPT], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "(2, 5, 4)\n"
    assert done.stderr.count("name a folder in NUMBA_CACHE_DIR") == 1
