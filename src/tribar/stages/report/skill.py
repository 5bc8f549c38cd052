"""Figures of what kind the skill is, what it rests on, and how choosing flattered it."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from tribar.page import charts
from tribar.page.figure import BLUE, GREY, MUTED, ORANGE
from tribar.page.html import Markup
from tribar.stages.report.elements import NATS, called, chart, spans
from tribar.stages.report.results import Lines, Results

_MOST_FEATURES = 20
_USES = (
    (
        "permutation",
        "Importance by group",
        "How much worse the best model gets when a group’s features are permuted: what this model "
        "uses. Lines span the repeats.",
    ),
    (
        "drop_column",
        "Importance by feature",
        "How much worse a logistic regression gets on validation without a feature: what it tells "
        "that the others do not.",
    ),
)


def kinds(results: Results) -> Markup:
    """Return the parts of each difference: is a barrier touched, and which."""
    lines = results.lines("evaluate/direction.csv")
    return chart(
        "Direction or size?",
        "Both parts add up to the difference of log-loss. Grey: whether a barrier is touched, a "
        "forecast of volatility. Blue: which one, a forecast of direction.",
        lines.path,
        partial(_draw_kinds, lines=lines),
        3.3,
    )


def _draw_kinds(axes: Axes, lines: Lines) -> None:
    others = lines.where(quantity="touch").texts("other")
    charts.named(axes, [called(other) for other in others], f"difference of {NATS}")
    place = np.arange(len(others))
    for shift, quantity, colour in ((-0.16, "touch", GREY), (0.16, "side", BLUE)):
        own = spans(lines.where(quantity=quantity), others, "value")
        axes.hlines(place + shift, own.low, own.high, colors=colour, linewidth=2.2)
        axes.plot(own.value, place + shift, "o", color=colour, markersize=5)
    axes.axvline(0, color=MUTED, linewidth=1)


def uses(results: Results) -> Iterator[Markup]:
    """Yield importance by group, and by feature."""
    lines = results.lines("evaluate/importance.csv")
    for method, title, see in _USES:
        own = lines.where(method=method).first(_MOST_FEATURES)
        if own.rows:
            found = spans(own, own.texts("name"), "mean")
            label = f"rise of {NATS}"
            draw = partial(charts.intervals, spans=found, label=label, good=1)
            yield chart(title, see, lines.path, draw, 1.2 + 0.26 * len(own.rows))


def chosen(results: Results) -> Iterator[Markup]:
    """Yield the leads on validation and on test, and the losses on other periods."""
    leads, folds = results.lines("evaluate/selection.csv"), results.lines("train-best/kfold.csv")
    yield chart(
        "Lead on validation, and on test",
        "What choosing on validation promised (square) and what was left on test (dot). Right of "
        "zero the best model leads.",
        leads.path,
        partial(_draw_leads, lines=leads),
        3.3,
    )
    yield chart(
        "Purged folds of the development split",
        "Whether the order of the models holds in other periods. Blue: best; orange: baseline; "
        "grey: references. Folds share training data: their spread is no standard error.",
        folds.path,
        partial(_draw_folds, lines=folds),
        3.3,
    )


def _draw_leads(axes: Axes, lines: Lines) -> None:
    charts.named(axes, [called(other) for other in lines.texts("other")], f"lead in {NATS}")
    place = np.arange(len(lines.rows))
    promised, left = lines.values("validation_lead"), lines.values("test_lead")
    axes.hlines(place, promised, left, colors=GREY, linewidth=1.2)
    axes.plot(promised, place, "s", color=ORANGE, markersize=5, label="validation")
    axes.plot(left, place, "o", color=BLUE, markersize=5.5, label="test")
    axes.axvline(0, color=MUTED, linewidth=1)
    axes.legend(loc="best")


def _draw_folds(axes: Axes, lines: Lines) -> None:
    colours = {"best": BLUE, "baseline": ORANGE}
    for who in sorted(dict.fromkeys(lines.texts("who")), key=lambda who: who == "best"):
        own, colour = lines.where(who=who), colours.get(who, GREY)
        fold, loss = own.values("fold"), own.values("log_loss")
        axes.plot(fold, loss, "o-", markersize=4, linewidth=0.9, color=colour)
    axes.set_xticks(np.unique(lines.values("fold")))
    charts.ruled(axes, "fold, in order of time", NATS)
