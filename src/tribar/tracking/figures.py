"""The pictures of a run, for MLflow's page of artifacts; DVC draws its own from the same tables."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

_SIZE = (7.0, 4.0)
_DOTS = 120
_FRAME = (0.14, 0.13, 0.83, 0.77)
"""Where the axes lie, in shares: finding that out anew would take as long as drawing."""


def draw_figures(results: Mapping[str, Path], folder: Path) -> None:
    """Draw each picture into a PNG of its own.

    Args:
        results: the stages' folders of tables, by stage.
        folder: takes the pictures.
    """
    for name, (stage, draw) in _PICTURES.items():
        figure = Figure(_SIZE, _DOTS)
        axes = figure.add_axes(_FRAME)
        axes.spines[["top", "right"]].set_visible(False)
        draw(axes, pd.read_csv(results[stage] / f"{name}.csv"))
        figure.savefig(folder / f"{name}.png")


def _comparison(axes: Axes, table: pd.DataFrame) -> None:
    table = table[::-1]
    below, above = table["difference"] - table["low"], table["high"] - table["difference"]
    axes.errorbar(table["difference"], table["other"], xerr=[below, above], fmt="o", capsize=3)
    axes.axvline(0, color="0.6", linewidth=1)
    axes.set_title("Log-loss of the best model minus the others' (left of 0: better)")


def _calibration(axes: Axes, table: pd.DataFrame) -> None:
    for model, one in table.groupby("model", sort=False):
        axes.plot(one["confidence"], one["accuracy"], marker="o", label=str(model))
    axes.axline((0.4, 0.4), slope=1, color="0.6", linewidth=1)
    axes.set(title="Calibration on the test split", xlabel="confidence", ylabel="accuracy")
    axes.legend()


def _trials(axes: Axes, table: pd.DataFrame) -> None:
    for state, one in table.dropna(subset="value").groupby("state"):
        axes.scatter(one["trial"], one["value"], label=str(state).lower())
    axes.step(table["trial"], table["best"], where="post", color="0.4", label="best so far")
    axes.set(title="Trials", xlabel="trial", ylabel="value")
    axes.legend()


def _curves(axes: Axes, table: pd.DataFrame) -> None:
    for seed, one in table.groupby("seed"):
        (line,) = axes.plot(one["epoch"], one["validation_loss"], label=f"seed {seed}: validation")
        axes.plot(one["epoch"], one["train_loss"], "--", color=line.get_color(), label="training")
    axes.set(title="Learning curves of the best parameters", xlabel="epoch", ylabel="loss")
    axes.legend()


_PICTURES: Mapping[str, tuple[str, Callable[[Axes, pd.DataFrame], None]]] = {
    "comparison": ("evaluate", _comparison),
    "calibration": ("evaluate", _calibration),
    "trials": ("tune", _trials),
    "curves": ("train-best", _curves),
}
"""By the name of the table, the stage that writes it, and what draws it."""
