"""How much of the study's lead is luck."""

from collections.abc import Iterator
from functools import partial

from matplotlib.axes import Axes

from tribar.page.figure import BLUE, LINE, MUTED
from tribar.page.html import Markup, join, phrase, table, tag
from tribar.stages.report.elements import chart, cited, numbers_in
from tribar.stages.report.numbers import show
from tribar.stages.report.results import Record


def luck_figure(luck: Record) -> Iterator[Markup]:
    """Yield the probability of overfitting beside that of a study of equals, if there is one."""
    if luck.part("pbo").content is None:
        return
    yield chart(
        "Probability of backtest overfitting",
        "Where the study (blue) lies among studies in which no trial is better than another "
        "(band). Inside the band it cannot be told from luck.",
        "tune/overfitting.json",
        partial(_draw_luck, luck=luck),
        1.5,
    )


def _draw_luck(axes: Axes, luck: Record) -> None:
    low, mean, high, own = (
        luck.number(key).value for key in ("pbo_null_low", "pbo_null_mean", "pbo_null_high", "pbo")
    )
    axes.plot((low, high), (0, 0), color=LINE, linewidth=12, solid_capstyle="butt")
    axes.plot([mean], [0], "|", color=MUTED, markersize=14)
    axes.plot([own], [0], "o", color=BLUE, markersize=9)
    axes.set_xlim(0, 1)
    axes.set_ylim(-1, 1)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("probability that the best in one half is below the median in the other")


def luck_table(luck: Record) -> Iterator[Markup]:
    """Yield what luck alone explains: overfitting, confidence set, SPA test, expected lead."""
    rows = []
    for key, says, form in (
        ("pbo", "Probability of backtest overfitting", ".2f"),
        ("spa_p", "p of the SPA test: no trial beats trial zero", ".3f"),
        ("lead", "Lead of the winner over trial zero", ".4f"),
        ("expected_lead", "Lead of the best that luck alone expects", ".4f"),
        ("lead_95", "Lead that luck exceeds once in twenty", ".4f"),
    ):
        if luck.part(key).content is not None:
            rows.append((says, show(luck.number(key), form)))
    size, most = luck.number("confidence_set"), luck.number("confidence_set_of")
    if luck.part("confidence_set").content is not None:
        rows.append(("Trials in the model confidence set", phrase(show(size), " of ", show(most))))
    yield tag("h3", "How much of the lead is luck?")
    if luck.part("pbo_verdict").content is not None:
        yield tag("p", "By its overfitting the choice ", tag("b", luck.text("pbo_verdict")), ".")
    if rows:
        yield table("The study against luck", ("Measure", "Value"), rows)
    notes = luck.part("notes").listed()
    yield join(tag("p", cited(one), class_="note") for one in notes)
    yield tag("p", numbers_in("tune/overfitting.json"))
