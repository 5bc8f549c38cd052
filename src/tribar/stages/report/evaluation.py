"""The evaluation: scores, the kind of skill, when it fails, what it is worth to act on it."""

from collections.abc import Iterator
from functools import partial

from tribar.page import charts
from tribar.page.html import Markup, folded, join, phrase, table, tag
from tribar.stages.report.elements import (
    MOST,
    NATS,
    called,
    chart,
    cited,
    grid,
    numbers_in,
    section,
    spans,
)
from tribar.stages.report.first_screen import strongest
from tribar.stages.report.numbers import interval, show, with_interval
from tribar.stages.report.results import Lines, Results
from tribar.stages.report.skill import chosen, kinds, uses
from tribar.stages.report.through_time import through_time
from tribar.stages.report.walked import walked

_SCORES = {
    "log_loss": ("Log-loss", ".4f"),
    "skill": ("Skill", ".1%"),
    "brier": ("Brier", ".4f"),
    "accuracy": ("Accuracy", ".1%"),
    "macro_f1": ("Macro F1", ".3f"),
    "mcc": ("MCC", ".3f"),
    "ece": ("Calibration error", ".3f"),
}
_PARTS = {
    "year": "year",
    "symbol": "symbol",
    "volatility": "regime of volatility",
    "label": "class",
}
_SIGNALS = {
    "signal": "the signal",
    "always_long": "always long",
    "difference": "the signal minus always long",
}


def evaluation(results: Results) -> Markup:
    """Return the section."""
    rival = strongest(results.lines("evaluate/comparison.csv")).text("other")
    return section(
        "evaluation",
        "The evaluation",
        _scores(results),
        folded("Differences of every score, with intervals", _differences(results)),
        folded("Precision and recall by class", _by_class(results)),
        grid(through_time(results, rival), kinds(results)),
        tag("h3", f"When it fails: parts of the test split, against {called(rival)}"),
        tag("p", "These describe: of many parts some lie apart by chance."),
        grid(*_parts(results, rival)),
        tag("h3", "What it uses"),
        grid(*uses(results)),
        tag("h3", "What choosing flattered"),
        grid(*chosen(results)),
        tag("h3", "Acting on it"),
        _signal(results),
        *walked(results),
    )


def _scores(results: Results) -> Markup:
    lines = results.lines("evaluate/scores.csv").where(symbol="all")
    head = ("Model", "Decisions", *(title for title, _ in _SCORES.values()))
    rows = [
        [called(row.text("who")), show(row.number("decisions"))]
        + [show(row.number(key), form) for key, (_, form) in _SCORES.items()]
        for row in lines.rows
    ]
    note = phrase(
        "Skill is the part of the class prior’s log-loss that is saved. By symbol: ",
        numbers_in(lines.path),
    )
    return phrase(table("Scores on the test split", head, rows), tag("p", note, class_="note"))


def _by_class(results: Results) -> Markup:
    own = results.lines("evaluate/scores.csv").where(symbol="all", who="best").rows[0]
    rows = [
        (label, *(show(own.number(f"{score}_{label}"), ".1%") for score in ("precision", "recall")))
        for label in ("down", "flat", "up")
    ]
    head = ("Best model", "Right when it says so", "Found of those that were")
    return table("Precision and recall by class", head, rows)


def _differences(results: Results) -> Markup:
    lines = results.lines("evaluate/differences.csv")
    others = list(dict.fromkeys(lines.texts("other")))
    rows = []
    for metric in dict.fromkeys(lines.texts("metric")):
        own = lines.where(metric=metric)
        cells = [with_interval(row, "difference", "+.3f") for row in own.rows]
        rows.append([metric.replace("_", " "), *cells])
    head = ("Best minus", *(called(other) for other in others))
    return phrase(table("Differences", head, rows), numbers_in(lines.path))


def _parts(results: Results, rival: str) -> Iterator[Markup]:
    lines = results.lines("evaluate/parts.csv").where(reference=rival)
    for part, says in _PARTS.items():
        own = lines.where(part=part)
        shown = Lines(own.rows[-MOST:] if part == "year" else own.rows[:MOST], own.path)
        if shown.rows:
            found = spans(shown, shown.texts("value"))
            yield chart(
                f"By {says}",
                "Left of zero the best model is better there.",
                lines.path,
                partial(charts.intervals, spans=found, label=f"difference of {NATS}"),
                1.2 + 0.28 * len(shown.rows),
            )


def _signal(results: Results) -> Markup:
    lines, metrics = results.lines("evaluate/signal.csv"), results.record("evaluate/metrics.json")
    if not lines.rows:
        return tag("p", cited(metrics.part("signal", "note")))
    rows = [
        (
            _SIGNALS.get(row.text("quantity"), row.text("quantity")),
            show(row.number("value"), "+.1f"),
            interval(row.number("low"), row.number("high"), "+.1f"),
        )
        for row in lines.rows
    ]
    acted = show(metrics.number("signal", "acted"), ".0%")
    cost = show(metrics.number("signal", "cost"), ".3g")
    said = tag("p", "It acts on ", acted, " of the decisions, at a cost of ", cost,
               " basis points a round turn.")  # fmt: skip
    head = ("Mean of a decision", "Return", "Interval")
    whole = table("Returns in basis points", head, rows)
    return join([said, whole, tag("p", numbers_in(lines.path))])
