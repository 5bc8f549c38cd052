"""Several seeds of one LSTM as one batched computation, beside one after the other."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from benchmarks.records import Record, beside, write
from benchmarks.steps import FEATURES, fastest, forth_and_back
from tribar.runtime import open_device

SEEDS, ROUNDS = 3, 30
SHAPES = ((1, 89, 16), (1, 89, 64), (4, 89, 64), (32, 60, 64))
"""Batch, bars and hidden units: of dense steps, and of a sliding step."""


class Walk(torch.autograd.Function):
    """The recurrence of several LSTMs over inputs that are projected already.

    Gates stand in the order new, input, forget, output: one sigmoid serves the last three, and one
    product the way back through the first three.
    """

    @staticmethod
    def forward(ctx: Any, projected: Tensor, weight: Tensor) -> Tensor:
        """Return the states, (bars, networks, batch, hidden)."""
        bars, networks, batch, hidden = *projected.shape[:3], weight.shape[2]
        gates, along = projected.clone(), weight.transpose(1, 2).contiguous()
        states = projected.new_zeros(bars + 1, networks, batch, hidden)
        memory, bent = torch.zeros_like(states), torch.empty_like(states[1:])
        each = zip(
            states.unbind(), states[1:].unbind(), memory.unbind(), memory[1:].unbind(),
            bent.unbind(), gates.unbind(), gates[..., hidden:].unbind(),
            *(part.unbind() for part in torch.split(gates, hidden, dim=3)), strict=False,
        )  # fmt: skip
        for before, after, old, kept, curve, all_four, three, new, into, keep, out in each:
            all_four.baddbmm_(before, along)
            three.sigmoid_()
            new.tanh_()
            torch.mul(into, new, out=kept)
            kept.addcmul_(keep, old)
            torch.tanh(kept, out=curve)
            torch.mul(out, curve, out=after)
        ctx.save_for_backward(states, memory, bent, gates, weight)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, given: Tensor) -> tuple[Tensor, Tensor]:
        """Return the gradients of the projected inputs and of the weights."""
        states, memory, bent, gates, weight = ctx.saved_tensors
        bars, networks, batch, hidden = bent.shape
        new, into, keep, out = torch.split(gates, hidden, dim=3)
        of_three = torch.stack(
            [into * (1 - new * new), new * into * (1 - into), memory[:-1] * keep * (1 - keep)],
            dim=3,
        )
        of_out, of_bent = bent * out * (1 - out), out * (1 - bent * bent)
        flows = given.new_empty(bars, networks, batch, 4, hidden)
        each = zip(
            of_three.unbind(), of_out.unbind(), of_bent.unbind(), keep.unbind(),
            flows[..., :3, :].unbind(), flows[..., 3, :].unbind(), flows.flatten(3).unbind(),
            given.unbind()[-1:] + given.unbind()[:-1], strict=True,
        )  # fmt: skip
        carried, state = torch.zeros_like(bent[0]), given[-1]
        for three, last, curve, kept, to_three, to_out, to_all, given_before in [*each][::-1]:
            total = torch.addcmul(carried, state, curve)
            torch.mul(total.unsqueeze(2), three, out=to_three)
            torch.mul(state, last, out=to_out)
            carried = total * kept
            state = torch.baddbmm(given_before, to_all, weight)
        flat = flows.permute(1, 0, 2, 3, 4).reshape(networks, bars * batch, 4 * hidden)
        before = states[:-1].transpose(0, 1).reshape(networks, bars * batch, hidden)
        return flows.flatten(3), flat.transpose(1, 2) @ before


class Batched:
    """The weights of several two-layer LSTMs, and their states in one computation.

    Attributes:
        layers: of each, the weights into it, those along it, and its bias, all networks' as one.
    """

    def __init__(self, networks: Sequence[nn.LSTM]) -> None:
        self.layers = []
        for layer in range(2):
            names = [
                f"{name}_l{layer}" for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            ]
            into, along, first, second = (
                torch.stack([_reordered(getattr(one, name).detach()) for one in networks])
                for name in names
            )
            self.layers.append([x.requires_grad_() for x in (into, along, first + second)])

    def __call__(self, rows: Tensor) -> Tensor:
        """Return the states, (networks, batch, bars, hidden), of rows of the same shape."""
        states = rows
        for into, along, bias in self.layers:
            projected = torch.einsum("kbtf,kgf->tkbg", states, into) + bias[:, None]
            walked: Tensor = Walk.apply(projected, along)  # type: ignore[no-untyped-call]
            states = walked.permute(1, 2, 0, 3)
        return states


def _reordered(weight: Tensor) -> Tensor:
    """Return torch's gates, which stand input, forget, new, output, in the order of `Walk`."""
    into, keep, new, out = weight.chunk(4)
    return torch.cat([new, into, keep, out])


def measure() -> list[Record]:
    """Return the time of a training step of all seeds, turn by turn."""
    open_device("cpu")
    return [_compare(batch, bars, hidden) for batch, bars, hidden in SHAPES]


def _compare(batch: int, bars: int, hidden: int) -> Record:
    networks = [nn.LSTM(FEATURES, hidden, 2, batch_first=True) for _ in range(SEEDS)]
    together = Batched(networks)
    rows = torch.randn(SEEDS, batch, bars, FEATURES)

    def one_by_one() -> Tensor:
        return torch.stack([one(x)[0] for one, x in zip(networks, rows, strict=True)])

    at_once = partial(forth_and_back, partial(together, rows))
    best = fastest(at_once, partial(forth_and_back, one_by_one), ROUNDS)
    _require_same(together, networks)
    work = f"forth and back of {SEEDS} LSTMs at once, batch {batch}, {bars} bars, {hidden} units"
    return beside(work, *best, "one after the other", "ms")


def _require_same(together: Batched, networks: Sequence[nn.LSTM]) -> None:
    """Hold the gradients that all turns have added up to torch's."""
    for layer, (_, along, bias) in enumerate(together.layers):
        for number, one in enumerate(networks):
            theirs = (getattr(one, f"{name}_l{layer}").grad for name in ("weight_hh", "bias_hh"))
            for mine, other in zip((along, bias), theirs, strict=True):
                assert mine.grad is not None
                torch.testing.assert_close(
                    mine.grad[number], _reordered(other), rtol=1e-3, atol=1e-4
                )


if __name__ == "__main__":
    write("batched", measure())
