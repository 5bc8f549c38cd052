"""What a study reached and when, in a file that all its processes append to.

The clock starts when a study's process does: what it imports, the stacking of windows and worker
processes all count.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from safetensors.torch import load_file, save_file

from benchmarks.peers.loop import Model, mean_loss, stack
from benchmarks.sample import held_out_windows

LOG = "log.jsonl"


def arguments(about: str | None) -> argparse.ArgumentParser:
    """Return what every study is told by the command line."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("data", type=Path, help="the prepared sample")
    parser.add_argument("folder", type=Path, help="where the logbook goes")
    parser.add_argument("--trials", type=int, default=6)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--seed", type=int, default=0)
    return parser


class Logbook:
    """Appends one line an event; the clock is the machine's, the same in all processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._best: dict[str, float] = {}

    def write(self, **content: Any) -> None:
        """Append a line with the time."""
        line = json.dumps({"at": time.monotonic(), **content}) + "\n"
        with (self._folder / LOG).open("a", encoding="utf-8") as file:
            file.write(line)

    def note(self, trial: int | str, loss: float, model: Model, hyper: dict[str, Any]) -> None:
        """Note an epoch's validation loss, and keep the weights of a trial's best."""
        name = str(trial)
        if loss < self._best.get(name, float("inf")):
            self._best[name] = loss
            save_file(model.state_dict(), self._folder / f"{name}.safetensors")
        self.write(event="epochs", epochs=1, loss=loss, trial=name, hyper=hyper)

    def score_winner(self, data: Path) -> None:
        """Note the test loss of the network with the best validation loss."""
        test = stack(held_out_windows(data))
        best = min(_lines(self._folder, "epochs"), key=lambda line: float(line["loss"]))
        model = Model(test.tensors[0].shape[2], best["hyper"])
        model.load_state_dict(load_file(self._folder / f"{best['trial']}.safetensors"))
        self.write(event="test", loss=mean_loss(model, test))


@dataclass(frozen=True)
class Story:
    """A finished study.

    Attributes:
        reached: seconds since the study began, and a validation loss that was reached then.
        seconds: that it took.
        epochs: that it trained.
        test: loss of its best network on the test split.
    """

    reached: tuple[tuple[float, float], ...]
    seconds: float
    epochs: int
    test: float

    @classmethod
    def of(cls, folder: Path) -> Self:
        """Return what a logbook tells."""
        (begin,), (end,), (test,) = (_lines(folder, name) for name in ("begin", "end", "test"))
        epochs = _lines(folder, "epochs")
        return cls(
            tuple(
                (line["at"] - begin["at"], line["loss"])
                for line in _lines(folder, "epochs", "reached")
            ),
            end["at"] - begin["at"],
            sum(line["epochs"] for line in epochs),
            test["loss"],
        )

    def until(self, loss: float) -> float:
        """Return the seconds until a loss was reached; infinity if it never was."""
        return next((when for when, reached in self.reached if reached <= loss), float("inf"))

    @property
    def best(self) -> float:
        """Return the best validation loss."""
        return min(loss for _, loss in self.reached)


def has_ended(folder: Path) -> bool:
    """Return whether the study is over, and its winner being scored."""
    return (folder / LOG).exists() and bool(_lines(folder, "end"))


def _lines(folder: Path, *events: str) -> list[dict[str, Any]]:
    text = (folder / LOG).read_text(encoding="utf-8")
    return [line for line in map(json.loads, text.split("\n")[:-1]) if line["event"] in events]
