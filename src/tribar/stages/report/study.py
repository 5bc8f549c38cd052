"""The study: what was tried, what mattered, what was stopped and why."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from tribar.page import charts
from tribar.page.figure import BLUE, GREEN, GREY, LINE, MUTED, ORANGE
from tribar.page.html import Markup, folded, join, proper_name, table, tag
from tribar.stages.report.elements import chart, grid, numbers_in, section, text_of
from tribar.stages.report.luck import luck_figure, luck_table
from tribar.stages.report.numbers import show
from tribar.stages.report.results import Lines, Record, Results

_MOST_CURVES, _MOST_POINTS, _MOST_REASONS, _MOST_BARS = 60, 600, 20, 20


def study(results: Results) -> Markup:
    """Return the section."""
    metrics, luck = (
        results.record("tune/metrics.json"),
        results.record("tune/overfitting.json"),
    )
    trials = results.lines("tune/trials.csv")
    figures = (
        _history(trials, metrics),
        _importance(results),
        _curves(results, trials, metrics),
        _rescored(results),
        *luck_figure(luck),
    )
    return section(
        "study",
        "The study",
        tag("p", *_counts(metrics)),
        grid(*figures),
        *luck_table(luck),
        _reasons(trials),
    )


def _counts(metrics: Record) -> Iterator[str]:
    said = (("trials", " trials: "), ("completed", " completed, "), ("pruned", " pruned, "))
    for key, text in (*said, ("failed", " failed. ")):
        yield join([show(metrics.number(key)), text])
    ran, saved = show(metrics.number("epochs_run")), show(metrics.number("epochs_saved"))
    yield join(["They ran ", ran, " epochs; pruning saved at most ", saved, ". Trial "])
    yield join([show(metrics.number("best_trial"), ".0f"), " won, with a mean of "])
    yield join([show(metrics.number("rescored_mean"), ".4f"), " on fresh seeds, after "])
    yield join([show(metrics.number("best_value"), ".4f"), " in the study."])


def _history(trials: Lines, metrics: Record) -> Markup:
    best = metrics.number("best_trial").value
    return chart(
        "Every trial",
        "How low the study came, and how early. Blue: completed; grey crosses: pruned; green: "
        "the winner; the line is the best so far. Diverged and failed trials are left out.",
        trials.path,
        partial(_draw_history, trials=trials, best=best),
    )


def _draw_history(axes: Axes, trials: Lines, best: float) -> None:
    step = max(1, -(-len(trials.rows) // _MOST_POINTS))
    number, value = trials.values("trial"), trials.values("value")
    state = np.array(trials.texts("state"))
    kept = np.arange(len(number)) % step == 0
    axes.plot(number[kept], trials.values("best")[kept], color=MUTED, drawstyle="steps-post")
    for wanted, colour, marker in (("COMPLETE", BLUE, "o"), ("PRUNED", GREY, "x")):
        shown = (state == wanted) & kept
        axes.plot(number[shown], value[shown], marker, color=colour, markersize=4.5)
    won = number == best
    axes.plot(number[won], value[won], "o", color=GREEN, markersize=8)
    _near(axes, value[np.isin(state, ("COMPLETE", "PRUNED"))])
    charts.ruled(axes, "trial", "value (validation)")


def _near(axes: Axes, value: charts.Values) -> None:
    """Leave out of sight what lies far above most of the values."""
    found = value[np.isfinite(value)]
    if len(found):
        low, most = float(found.min()), float(np.quantile(found, 0.95))
        room = 0.08 * (most - low) or 0.01
        axes.set_ylim(low - room, most + 3 * room)


def _importance(results: Results) -> Markup:
    lines = results.lines("tune/importance.csv").first(_MOST_BARS)
    values = lines.values("importance")
    return chart(
        "What mattered",
        "Shares of importance by PED-ANOVA over the completed trials (Watanabe et al., 2023).",
        lines.path,
        lambda axes: charts.bars(axes, lines.texts("parameter"), values, "importance, sum 1"),
        max(1.4, 0.9 + 0.26 * len(values)),
    )


def _curves(results: Results, trials: Lines, metrics: Record) -> Markup:
    lines = results.lines("tune/curves.csv")
    return chart(
        "Learning curves of the trials",
        "Where trials were stopped (cross), and where the winner (green) went on. Below the "
        "figures stands why.",
        lines.path,
        partial(_draw_curves, curves=lines, trials=trials, best=metrics.number("best_trial").value),
    )


def _draw_curves(axes: Axes, curves: Lines, trials: Lines, best: float) -> None:
    number, epoch, loss = (curves.values(key) for key in ("trial", "epoch", "loss"))
    shown = np.linspace(0, len(trials.rows) - 1, min(_MOST_CURVES, len(trials.rows))).astype(int)
    for at in np.unique(shown):
        row = trials.rows[at]
        own, pruned = number == row.number("trial").value, row.text("state") == "PRUNED"
        colour = GREY if pruned else BLUE
        axes.plot(epoch[own], loss[own], color=colour, linewidth=0.9, alpha=0.75)
        if pruned and own.any():
            axes.plot(epoch[own][-1:], loss[own][-1:], "x", color=ORANGE, markersize=5)
    own = number == best
    axes.plot(epoch[own], loss[own], color=GREEN, linewidth=2.2)
    _near(axes, loss)
    charts.ruled(axes, "epoch", "loss (validation)")


def _rescored(results: Results) -> Markup:
    lines = results.lines("tune/rescored.csv").first(_MOST_BARS)
    return chart(
        "The best trials again, on fresh seeds",
        "What a trial's value owed to its seed: the dot is its value in the study, the bar its "
        "mean and standard deviation on fresh seeds. The lowest mean wins.",
        lines.path,
        partial(_draw_rescored, lines=lines),
        max(1.5, 0.9 + 0.4 * len(lines.rows)),
    )


def _draw_rescored(axes: Axes, lines: Lines) -> None:
    place, mean, std = np.arange(len(lines.rows)), lines.values("mean"), lines.values("std")
    axes.errorbar(mean, place, xerr=np.nan_to_num(std), fmt="|", color=BLUE, linewidth=2.2)
    axes.plot(lines.values("value"), place, "o", color=ORANGE, markersize=5.5)
    axes.set_yticks(place, [f"trial {text}" for text in lines.texts("trial")])
    axes.set_ylim(len(place) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    axes.set_xlabel("value (validation)")


def _reasons(trials: Lines) -> Markup:
    stopped = [row for row in trials.rows if row.text("reason")]
    rows = [
        (show(row.number("trial")), proper_name(row.text("state").lower()), text_of(row, "reason"))
        for row in stopped[:_MOST_REASONS]
    ]
    if not rows:
        return Markup("")
    whole = table("Trials that did not complete", ("Trial", "State", "Why"), rows)
    return folded("Why trials were stopped", whole, numbers_in(trials.path))
