"""The first screen: is the model worth anything, how sure is that, and against what?"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from math import isnan

from tribar.page import charts
from tribar.page.html import Markup, join, listed, phrase, proper_name, tag
from tribar.stages.report.elements import NATS, called, chart, grid, spans, when, words
from tribar.stages.report.next_bars import next_bars
from tribar.stages.report.numbers import LOSS, NONE, SHARE, interval, show
from tribar.stages.report.results import Lines, Record, Results, Row

_GROUPS = {
    ("worse", False): "Worse than",
    ("worse", True): "Worse than",
    ("better", False): "Better than",
    ("better", True): "Better than",
    ("no evidence of a difference", False): "No evidence of a difference from",
    ("too few decisions", False): "Too few decisions to judge it against",
}
"""How each verdict is said; True: it would not survive what the test split has judged before."""
_IF_FIRST = ", if this were the first look at the test split"


def first_screen(results: Results) -> Markup:
    """Return the verdict, four numbers, the comparison, the data, and the next bar."""
    metrics, compared = (
        results.record("evaluate/metrics.json"),
        results.lines("evaluate/comparison.csv"),
    )
    return join(
        [
            tag("p", f"{headline(compared)}.", class_="verdict"),
            *(tag("p", one) for one in _certainty(metrics, compared)),
            tag("dl", *_tiles(results, metrics, compared), class_="tiles"),
            grid(_picture(compared), tag("div", _facts(results, metrics), next_bars(results))),
        ]
    )


def headline(compared: Lines) -> str:
    """Return the verdict in a sentence: whom the best model beats and whom it does not."""
    judged = [row for row in compared.rows if row.text("other") != "pool"]
    parts = []
    for (word, lost), says in _GROUPS.items():
        group = [row for row in judged if row.text("verdict") == word and is_lost(row) == lost]
        if group:
            those = _those([row.text("other") for row in group], len(judged))
            parts.append(f"{says} {those}{_IF_FIRST if lost else ''}")
    return "; ".join(part if not n else part[0].lower() + part[1:] for n, part in enumerate(parts))


def is_lost(row: Row) -> bool:
    """Return whether a verdict would not survive what the test split has judged before."""
    return row.text("verdict") in ("better", "worse") and row.text("survives") == "False"


def _those(others: list[str], judged: int) -> str:
    return "all that it was compared with" if len(others) == judged else words(others)


def strongest(compared: Lines) -> Row:
    """Return the line of the reference that is hardest to beat; the prior where there is none."""
    own = [r for r in compared.rows if r.text("other") not in ("pool", "baseline", "uniform")]
    return max(own, key=lambda row: row.number("difference").value)


def _certainty(metrics: Record, compared: Lines) -> Iterator[Markup]:
    level = show(metrics.number("comparison", "confidence"), SHARE)
    base = compared.where(other="baseline").rows[0]
    seen, needed = base.number("detectable"), base.number("decisions_needed")
    parts: list[str] = ["Judged by the log-loss on decisions that nothing was learnt from, at the "]
    parts += [level, " level."]
    if seen.value > 0:
        parts += [" A test this long finds a true difference of ", show(seen, ".3f"), " from the "]
        parts += ["baseline with a probability of 80\u202f%"]
        more = ("; the one that was found takes one ", show(needed, ",.1f"), " times as long.")
        parts += more if needed.value > 1 else ["."]
    yield join(parts)
    yield opened(metrics, compared)


def opened(metrics: Record, compared: Lines) -> Markup:
    """Return how often the test split was opened, and which verdicts allow for that."""
    models = metrics.number("comparison", "models_seen")
    if models.value == 1:
        return join(["The test split has judged this model alone (", show(models), ")."])
    lost = [row.text("other") for row in compared.rows if is_lost(row)]
    count = tag("b", "The test split has judged ", show(models), " models.")
    if not lost:
        return phrase(count, " Every verdict holds if that is allowed for.")
    return phrase(
        count, f" If that is allowed for, the verdicts against {words(lost)} do not hold."
    )


@dataclass(frozen=True)
class _Kind:
    """What is said of a number: its column and form, and what an interval on each side means."""

    column: str
    form: str
    chance: float
    below: str
    around: str
    above: str


_DIFFERENCE = _Kind("difference", LOSS, 0.0, "better", "no evidence of a difference", "worse")
_AUC = _Kind("value", ".3f", 0.5, "below chance", "not told apart from chance", "above chance")
_RETURN = _Kind("value", "+.1f", 0.0, "below zero", "not told apart from zero", "above zero")


def _tiles(results: Results, metrics: Record, compared: Lines) -> Iterator[Markup]:
    prior, hardest = compared.where(other="prior").rows[0], strongest(compared)
    yield _tile("Log-loss minus the class prior’s; less is better", prior, _DIFFERENCE)
    rival = f"Log-loss minus the strongest reference’s ({called(hardest.text('other'))})"
    yield _tile(rival, hardest, _DIFFERENCE)
    sides = results.lines("evaluate/direction.csv").where(quantity="auc").rows
    yield _tile(
        "Direction: AUC of which barrier, where one is touched", next(iter(sides), None), _AUC
    )
    acted = results.lines("evaluate/signal.csv").where(quantity="signal").rows
    cost = show(metrics.number("signal", "cost"), ".3g")
    title = phrase("Return of a decision, basis points, after a cost of ", cost)
    yield _tile(title, next(iter(acted), None), _RETURN)


def _tile(title: str, row: Row | None, kind: _Kind) -> Markup:
    """Return a number with its interval, and what that says."""
    if row is None:
        return tag("div", tag("dt", title), tag("dd", NONE), class_="tile")
    low, high = row.number("low"), row.number("high")
    is_below, is_above = high.value < kind.chance, low.value > kind.chance
    says = kind.below if is_below else kind.above if is_above else kind.around
    return tag(
        "div",
        tag("dt", title),
        tag("dd", show(row.number(kind.column), kind.form)),
        tag("dd", interval(low, high, kind.form)),
        tag("dd", "no interval" if isnan(low.value) else says),
        class_="tile",
    )


def _picture(compared: Lines) -> Markup:
    found = spans(compared, [called(other) for other in compared.texts("other")])
    return chart(
        "Best model minus each other one",
        "Left of zero the best model has the lower loss. An interval that crosses zero (grey) "
        "tells the two not apart.",
        compared.path,
        partial(charts.intervals, spans=found, label=f"difference of {NATS}"),
        3.4,
    )


def _facts(results: Results, metrics: Record) -> Markup:
    """Return what was judged, and on what data."""
    prepared, test = results.record("prepare/metrics.json"), metrics.part("test")
    split, bars = prepared.part("splits", "test"), prepared.part("source")
    first = prepared.part("splits", "train")
    kind = "bars" if "bars" in bars.content else "rows"
    last = when(split, "last_decision")
    times = phrase(show(test.number("times")), " times")
    items = [
        phrase(
            "Data: ", show(bars.number(kind)), f" {kind} of ", proper_name(prepared.text("symbols"))
        ),
        phrase("Decisions from ", when(first, "first_decision"), " to ", last),
        phrase("Judged on the newest ", show(test.number("decisions")), " of them, at ", times),
        phrase("None of these was learnt from: they begin at ", when(split, "first_decision")),
        phrase("Labels look ahead over ", show(test.number("horizon")), " decision times"),
    ]
    return phrase(tag("h3", "Judged on"), listed(items))
