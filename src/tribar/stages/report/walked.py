"""The procedure, walked forward: the number to believe where there is one."""

from collections.abc import Iterator
from functools import partial

from tribar.page import charts
from tribar.page.html import Markup, join, tag
from tribar.stages.report.elements import MOST, NATS, called, chart, grid, spans
from tribar.stages.report.numbers import show
from tribar.stages.report.results import Lines, Results


def walked(results: Results) -> Iterator[Markup]:
    """Yield what the whole procedure is worth, or how to find out."""
    metrics = results.record("walk-forward/metrics.json")
    yield tag("h3", "The procedure, walked forward")
    if not metrics.number("origins").value:
        command = tag("code", "dvc exp run --temp -n walk -S walk_forward.origins=4")
        yield tag("p", join(["It was not walked forward here. ", command, " does that."]))
        return
    origins, verdict = show(metrics.number("origins")), tag("b", metrics.text("verdict"))
    yield tag(
        "p", "Everything was done anew at ", origins, " origins. Verdict on all: ", verdict, "."
    )
    compared, periods = (results.lines(f"walk-forward/{x}.csv") for x in ("comparison", "periods"))
    names = [called(other) for other in compared.texts("other")]
    against_prior = periods.where(other="prior").first(MOST)
    yield grid(
        _intervals("The procedure minus each other one", compared, names),
        _intervals(
            "The procedure minus the class prior, by origin",
            against_prior,
            [f"{row.text('first')[:10]} on" for row in against_prior.rows],
        ),
    )


def _intervals(title: str, lines: Lines, names: list[str]) -> Markup:
    found = spans(lines, names)
    see = "Left of zero the procedure has the lower loss."
    return chart(
        title,
        see,
        lines.path,
        partial(charts.intervals, spans=found, label=f"difference of {NATS}"),
        3.2,
    )
