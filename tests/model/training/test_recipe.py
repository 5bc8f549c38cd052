"""What a training is told to do: losses, rates, averages, starts, memory."""

import gc
import math
import weakref
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn
from torch.optim.lr_scheduler import CosineAnnealingLR, LRScheduler, OneCycleLR
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from tests.model.synthetic import WINDOW, synthetic_split
from tribar.config.schema import Params
from tribar.dataset.prepared import last_rows
from tribar.dataset.schema import CLASSES
from tribar.ensemble.ensemble import ensemble
from tribar.errors import UserError
from tribar.evaluation.references import predict_linear
from tribar.model.config import Hyperparameters
from tribar.model.folds import Fold, make_fold
from tribar.model.training.averaging import Average
from tribar.model.training.epoch import predict
from tribar.model.training.losses import make_loss
from tribar.model.training.optimizers import make_optimizer, rate_at
from tribar.model.training.trainer import Trainer, train
from tribar.model.windows import Windows

Shrunk = Callable[..., Params]
SPLIT = synthetic_split()
EPOCHS, STEPS = 6, 10


@pytest.fixture(scope="module")
def fold() -> Fold:
    return make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")


def settings(shrunk: Shrunk, *overrides: str) -> tuple[Params, Hyperparameters]:
    params = shrunk("model.hidden_dim=6", f"training.max_epochs={EPOCHS}", *overrides)
    return params, params.training.complete(params.model)


def sample(n: int = 40) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(n, 3, generator=generator)
    target = torch.randint(0, 3, (n,), generator=generator)
    return logits, target, torch.rand(n, generator=generator) + 0.1


@pytest.mark.parametrize("balance", ["none", "balanced"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_is_torchs(balance: str, smoothing: float, shrunk: Shrunk) -> None:
    _, hyper = settings(
        shrunk, f"training.class_weights={balance}", f"training.label_smoothing={smoothing}"
    )
    logits, target, _ = sample()
    by_class = torch.bincount(target, minlength=3).float()
    weight = len(target) / 3 / by_class if balance == "balanced" else None
    plain = nn.CrossEntropyLoss(weight=weight, label_smoothing=smoothing)
    ours = make_loss(target, hyper)(logits, target, torch.ones(len(target)))
    torch.testing.assert_close(ours, plain(logits, target))


def test_a_samples_weight_is_as_good_as_so_many_copies(shrunk: Shrunk) -> None:
    for loss in ("cross_entropy", "focal"):
        _, hyper = settings(shrunk, f"training.loss={loss}", "training.sample_weights=uniqueness")
        logits, target, _ = sample(6)
        counts = torch.tensor([1, 2, 0, 3, 1, 1])
        weighted = make_loss(target, hyper)(logits, target, counts.float())
        again = logits.repeat_interleave(counts, 0), target.repeat_interleave(counts)
        copied = make_loss(target, hyper)(*again, torch.ones(len(again[1])))
        torch.testing.assert_close(weighted, copied)


def test_without_sample_weights_each_sample_counts_once(shrunk: Shrunk) -> None:
    _, hyper = settings(shrunk, "training.sample_weights=none")
    logits, target, weight = sample(6)
    weight[2] = 0  # no sample at all
    found = make_loss(target, hyper)(logits, target, weight)
    scored = torch.tensor([0, 1, 3, 4, 5])
    torch.testing.assert_close(found, nn.functional.cross_entropy(logits[scored], target[scored]))


@pytest.mark.parametrize("supervision", ["dense", "sliding"])
def test_sample_weights_change_a_training(supervision: str, fold: Fold, shrunk: Shrunk) -> None:
    weight = torch.rand(len(fold.train), generator=torch.Generator().manual_seed(0)) + 0.1
    uneven = replace(fold.train, weight=weight)

    def curve(weights: str, fit: Windows) -> tuple[float, ...]:
        params, hyper = settings(
            shrunk, f"training.sample_weights={weights}", "training.max_epochs=1",
            f"training.supervision={supervision}",
        )  # fmt: skip
        return train(replace(fold, train=fit), hyper, params.training, 1).curve

    plain = curve("none", fold.train)
    assert curve("none", uneven) == plain == curve("uniqueness", fold.train)
    assert curve("uniqueness", uneven) != plain


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_focal_loss_has_a_slope_where_the_network_is_sure(gamma: float, shrunk: Shrunk) -> None:
    _, hyper = settings(shrunk, "training.loss=focal", f"training.focal_gamma={gamma}")
    logits = torch.tensor([[50.0, 0.0, 0.0], [0.0, 1.0, 0.0]], requires_grad=True)
    target = torch.tensor([0, 2])
    torch.autograd.backward(make_loss(target, hyper)(logits, target, torch.ones(2)))
    assert logits.grad is not None
    assert logits.grad.isfinite().all()


def test_focal_loss_by_hand(shrunk: Shrunk) -> None:
    _, hyper = settings(shrunk, "training.loss=focal", "training.focal_gamma=2.0")
    logits = torch.log(torch.tensor([[0.2, 0.5, 0.3]]))
    found = make_loss(torch.tensor([1]), hyper)(logits, torch.tensor([1]), torch.ones(1))
    assert found.item() == pytest.approx(0.25 * math.log(2))


def rates(hyper: Hyperparameters, steps: int = STEPS) -> list[float]:
    """Return the learning rates of a training of so many steps an epoch."""
    return [rate_at(hyper, step / steps, EPOCHS, ()) for step in range(EPOCHS * steps)]


def torchs(make: Callable[[torch.optim.Optimizer], LRScheduler], steps: int = STEPS) -> list[float]:
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], lr=0.01)
    schedule, found = make(optimizer), []
    for _ in range(EPOCHS * steps):
        found.append(float(schedule.get_last_lr()[0]))
        optimizer.step()
        schedule.step()
    return found


def test_cosine_and_one_cycle_are_torchs(shrunk: Shrunk) -> None:
    steps, rate = EPOCHS * STEPS, "training.learning_rate=0.01"
    _, hyper = settings(shrunk, "training.schedule=cosine", rate)
    assert rates(hyper) == pytest.approx(torchs(lambda one: CosineAnnealingLR(one, steps)))
    _, hyper = settings(shrunk, "training.schedule=one_cycle", rate)
    # torch's peak is a step early; with many steps that is nothing.
    cycle = torchs(lambda one: OneCycleLR(one, 0.01, 6000, cycle_momentum=False), steps=1000)
    assert rates(hyper, steps=1000) == pytest.approx(cycle, abs=1e-5)
    assert max(rates(hyper)) == pytest.approx(0.01)


def test_warm_up_rises_from_nothing_and_stays(shrunk: Shrunk) -> None:
    rate = ("training.learning_rate=0.01", "training.warmup_epochs=2.0")
    found = rates(settings(shrunk, "training.schedule=warmup", *rate)[1])
    assert found[:20] == pytest.approx(np.arange(20) / 20 * 0.01)
    assert set(found[20:]) == {0.01}
    cosine = rates(settings(shrunk, "training.schedule=warmup_cosine", *rate)[1])
    assert cosine[:20] == pytest.approx(found[:20])
    assert cosine[20] == pytest.approx(0.01)
    assert cosine[40] == pytest.approx(0.005)
    assert all(a >= b for a, b in pairwise(cosine[20:]))


def test_a_plateau_halves_the_rate(shrunk: Shrunk) -> None:
    _, hyper = settings(shrunk, "training.schedule=plateau", "training.learning_rate=0.01")
    assert rate_at(hyper, 3, EPOCHS, (1.0, 0.9, 0.8)) == 0.01
    assert rate_at(hyper, 3, EPOCHS, (1.0, 1.1, 0.8, 0.8)) == pytest.approx(0.0025)


@pytest.mark.parametrize("name", ["adam", "adamw", "radam", "sgd"])
def test_an_optimizer_takes_the_steps_of_its_plain_self(name: str, shrunk: Shrunk) -> None:
    _, hyper = settings(shrunk, f"training.optimizer={name}", "training.weight_decay=0.1")
    plain = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "radam": torch.optim.RAdam}
    found = []
    for ours in (True, False):
        torch.manual_seed(0)
        layer = nn.Linear(3, 2)
        if ours:
            optimizer = make_optimizer(layer, hyper)
        elif name == "sgd":
            optimizer = torch.optim.SGD(layer.parameters(), 0.001, 0.9, weight_decay=0.1)
        else:
            optimizer = plain[name](layer.parameters(), lr=0.001, weight_decay=0.1)
        for _ in range(8):
            optimizer.zero_grad()
            layer(torch.ones(4, 3)).square().sum().backward()
            optimizer.step()
        found.append(layer.weight.detach())
    torch.testing.assert_close(found[0], found[1])


@pytest.mark.parametrize("kind", ["ema", "swa"])
def test_averages_are_torchs(kind: str, shrunk: Shrunk) -> None:
    _, hyper = settings(shrunk, f"training.averaging={kind}", "training.swa_start=0")
    layer = nn.Linear(3, 2)
    mix = get_ema_multi_avg_fn(hyper.ema_decay) if kind == "ema" else None  # type: ignore[no-untyped-call]
    plain, ours = AveragedModel(layer, multi_avg_fn=mix), Average(layer, hyper)
    for epoch in range(7):
        with torch.no_grad():
            layer.weight.normal_()
        plain.update_parameters(layer)
        ours.after_step()
        ours.after_epoch(epoch)
    torch.testing.assert_close(ours.weights["weight"], plain.state_dict()["module.weight"])
    assert ours.count == 7


def test_an_average_goes_on_where_its_network_lies(shrunk: Shrunk) -> None:
    _, hyper = settings(shrunk, "training.averaging=ema")
    elsewhere = Average(nn.Linear(3, 2, device="meta"), hyper)
    saved = dict(nn.Linear(3, 2).named_parameters())
    elsewhere.restore({name: weight.detach() for name, weight in saved.items()}, count=3)
    elsewhere.after_step()
    assert {weight.device.type for weight in elsewhere.weights.values()} == {"meta"}


def test_no_average_is_taken_where_none_is_asked_for(shrunk: Shrunk) -> None:
    one = Average(nn.Linear(1, 1), settings(shrunk)[1])
    one.after_step()
    one.after_epoch(9)
    assert (one.weights, one.count) == ({}, 0)


def test_the_averaged_weights_are_what_is_scored_and_kept(fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk, "training.averaging=ema", "training.max_epochs=1")
    trainer = Trainer(fold, hyper, params.training, 1)
    trainer.run_epoch()
    average = {k: v for k, v in trainer.progress().average.items() if k != "count"}
    own = dict(trainer.progress().weights)
    kept = dict(trainer.finish().network.named_parameters())
    assert all(torch.equal(kept[name], weight) for name, weight in average.items())
    assert not any(torch.equal(own[name], weight) for name, weight in average.items())


@pytest.mark.parametrize("rows", [1, 3])
def test_an_untrained_network_with_a_skip_is_logistic_regression(
    rows: int, fold: Fold, shrunk: Shrunk
) -> None:
    params, hyper = settings(shrunk, f"model.skip_rows={rows}")
    network = Trainer(fold, hyper, params.training, 1).network
    scaled = fold.scaler.apply(SPLIT.rows)

    def newest(part: str) -> np.ndarray:
        last = SPLIT.part(part)["last"].to_numpy()
        return np.stack([scaled[one - rows + 1 : one + 1].T.ravel() for one in last])

    plain = LogisticRegression(tol=1e-8).fit(newest("train"), SPLIT.part("train")["label"])
    expected = plain.predict_proba(newest("validation"))
    np.testing.assert_allclose(predict(network, fold.validation), expected, atol=1e-3)


def test_more_newest_rows_than_a_window_has_are_refused(fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk, "model.skip_rows=1")
    longer = hyper.model_copy(update={"skip_rows": SPLIT.schema.window + 1})
    with pytest.raises(UserError, match=r"skip_rows: .* rows, and the prepared windows have"):
        Trainer(fold, longer, params.training, 1)


def test_a_logistic_start_is_kept_no_longer_than_its_windows(shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk, "model.skip_rows=1")
    own = make_fold(SPLIT, SPLIT.part("train"), SPLIT.part("validation"), "cpu")
    Trainer(own, hyper, params.training, 1)
    windows = weakref.ref(own.train)
    del own
    gc.collect()
    assert windows() is None


def test_the_skip_starts_from_a_logistic_regression(fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk, "model.skip_rows=1")
    network = Trainer(fold, hyper, params.training, 1).network
    train_part, check = SPLIT.part("train"), SPLIT.part("validation")
    rows = (SPLIT.rows[part["last"]] for part in (train_part, check))
    labels = train_part["label"].to_numpy()
    reference = predict_linear(next(rows), labels, next(rows), inverse_penalty=1.0)
    np.testing.assert_allclose(predict(network, fold.validation), reference, atol=2e-3)


def test_attention_of_an_ensemble_is_each_decisions_own(fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = settings(
        shrunk, "model.pooling=attention", "training.seeds=2", "training.max_epochs=1"
    )
    trained = [train(fold, hyper, params.training, seed) for seed in (1, 2)]
    model = ensemble(trained, fold, hyper)
    samples = SPLIT.part("validation").iloc[[3, 40, 7]]
    found = model.attention(SPLIT.rows, last_rows(samples))
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-6)
    last = samples["last"].iloc[1]
    window = model.scaler.apply(SPLIT.rows[last - WINDOW + 1 : last + 1])
    each = [one.attention(torch.from_numpy(window)[None]) for one in model.networks]
    np.testing.assert_allclose(found[1], torch.cat(each).mean(dim=0).detach(), rtol=1e-5)
    assert not np.allclose(found[0], found[1])


def test_probabilities_are_those_of_the_classes(fold: Fold, shrunk: Shrunk) -> None:
    params, hyper = settings(shrunk, "training.max_epochs=1")
    trained = train(fold, hyper, params.training, 1)
    found = predict(trained.network, fold.validation)
    assert found.shape == (len(fold.validation), len(CLASSES))
    np.testing.assert_allclose(found.sum(axis=1), 1)
