"""The model: its parts and parameters, how it learnt, what calibration did, where it looks."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from tribar.page import charts
from tribar.page.figure import BLUE, GREY, LINE, MUTED, ORANGE
from tribar.page.html import Markup, folded, join, phrase, proper_name, table, tag
from tribar.stages.report.elements import chart, grid, numbers_in, section, when
from tribar.stages.report.numbers import show
from tribar.stages.report.results import Lines, Record, Results

_LOOKS = ("attention", "multi_head")
_MOST_SEEDS = 10


def model(results: Results) -> Markup:
    """Return the section."""
    models, chosen = results.record("evaluate/models.json"), results.record("tune/best_params.json")
    best = models.part("best")
    return section(
        "model",
        "The model",
        tag("p", *_sentence(best, chosen)),
        _parts(models),
        folded("All hyperparameters", _parameters(chosen)),
        grid(
            _curves(results, "best", "Learning curves of the best model"),
            _curves(results, "baseline", "Learning curves of the baseline"),
            _calibration(results, best),
            *_attention(results, chosen),
        ),
        *_no_attention(chosen),
    )


def _sentence(best: Record, chosen: Record) -> Iterator[str]:
    yield join([show(best.number("networks")), f" networks ({chosen.text('cell').upper()}), each "])
    yield join(["with ", show(best.number("parameters")), " trained weights, see "])
    yield join([show(best.number("features")), " features of the last "])
    yield join([show(best.number("window")), " bars; their probabilities are averaged. "])
    yield join(["The last label that they learnt from ended ", when(best, "until"), "."])


def _parts(models: Record) -> Markup:
    parts = {
        part: one
        for each in ("best", "baseline")
        for part, one in models.part(each, "parts").items()
    }
    rows = [
        [part, *(_size(models.part(each, "parts"), part) for each in ("best", "baseline"))]
        for part in parts
    ]
    total = ["all", *(show(models.number(each, "parameters")) for each in ("best", "baseline"))]
    return table(
        "Trained weights of a network, by part", ("Part", "Best", "Baseline"), [*rows, total]
    )


def _size(parts: Record, part: str) -> str:
    return show(parts.number(part)) if part in parts.content else "–"


def _parameters(chosen: Record) -> Markup:
    rows = [
        (proper_name(key), tag("span", str(one.content), data_from=one.source))
        for key, one in chosen.items()
    ]
    whole = table("Of the best model, as the study chose or fixed them", ("Name", "Value"), rows)
    return join([whole, numbers_in("tune/best_params.json")])


def _curves(results: Results, which: str, title: str) -> Markup:
    lines = results.lines(f"train-{which}/curves.csv")
    return chart(
        title,
        "How much seeds differ, and whether training went on too long. Solid: validation; "
        "dotted: training; a line a seed.",
        lines.path,
        partial(_draw_curves, lines=lines),
        2.7,
    )


def _draw_curves(axes: Axes, lines: Lines) -> None:
    for seed in list(dict.fromkeys(lines.texts("seed")))[:_MOST_SEEDS]:
        own = lines.where(seed=seed)
        epoch = own.values("epoch")
        axes.plot(epoch, own.values("train_loss"), color=GREY, linestyle="dotted")
        axes.plot(epoch, own.values("validation_loss"), color=BLUE)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    charts.ruled(axes, "epoch", "loss")


def _calibration(results: Results, best: Record) -> Markup:
    lines = results.lines("evaluate/calibration_effect.csv")
    see = phrase(
        "Whether it is right as often as it is sure: on the diagonal it is. Calibration gives it "
        "a weight of ",
        show(best.number("weight"), ".2f"),
        " against the class prior, at a temperature of ",
        show(best.number("temperature"), ".2f"),
        ". Larger dots stand for more decisions.",
    )
    return chart(
        "Calibration before and after", see, lines.path, partial(_draw_calibration, lines=lines)
    )


def _draw_calibration(axes: Axes, lines: Lines) -> None:
    most = max(lines.values("confidence").max(), lines.values("accuracy").max())
    axes.plot((0.3, most), (0.3, most), color=MUTED, linestyle="dotted")
    for moment, colour, marker in (("before", ORANGE, "s"), ("after", BLUE, "o")):
        own = lines.where(model=moment)
        sure, right, count = (own.values(key) for key in ("confidence", "accuracy", "count"))
        axes.plot(sure, right, color=colour, linewidth=1)
        sizes = 15 + 130 * count / max(count.sum(), 1)
        axes.scatter(sure, right, sizes, color=colour, marker=marker, label=moment)
    axes.legend(loc="upper left")
    axes.grid(axis="x", color=LINE, linewidth=0.6)
    charts.ruled(axes, "confidence in the likeliest class", "share that was right")


def _attention(results: Results, chosen: Record) -> Iterator[Markup]:
    if chosen.text("pooling") not in _LOOKS:
        return
    lines = results.lines("evaluate/attention.csv")
    kept = np.linspace(0, len(lines.rows) - 1, min(200, len(lines.rows))).astype(int)
    before, weight = lines.values("bars_before")[kept], 100 * lines.values("weight")[kept]

    def draw(axes: Axes) -> None:
        axes.fill_between(before, weight, color=BLUE, alpha=0.25, linewidth=0)
        axes.plot(before, weight, color=BLUE)
        axes.invert_xaxis()
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        charts.ruled(axes, "bars before the decision", "mean weight, %")

    yield chart("Attention", "Which bars the pooling weighs most.", lines.path, draw, 2.7)


def _no_attention(chosen: Record) -> Iterator[Markup]:
    if (pooling := chosen.text("pooling")) not in _LOOKS:
        yield tag(
            "p", f"Its pooling is “{pooling}”: there is no attention to look at.", class_="note"
        )
