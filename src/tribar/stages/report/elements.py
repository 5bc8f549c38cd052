"""What the sections share: charts with a link to their numbers, names, texts of a result."""

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes

from tribar.page import charts
from tribar.page.figure import WIDTH, figure
from tribar.page.html import Markup, tag
from tribar.stages.report.numbers import date
from tribar.stages.report.results import Lines, Record, Row

NATS = "log-loss, nats"
"""The label of an axis of losses."""
MOST = 12
"""Lines of a table or a chart that has one a symbol; its file has the others."""
_NAMES = {
    "best": "best model",
    "baseline": "baseline network",
    "prior": "class prior",
    "uniform": "uniform",
    "logistic": "logistic regression",
    "logistic_lags": "logistic with lags",
    "ridge": "ridge regression",
    "boosting": "gradient boosting",
    "pool": "pool (contains best)",
}


def called(name: str) -> str:
    """Return how a reader calls a model."""
    return _NAMES.get(name, name)


def chart(
    title: str, see: str, path: str, draw: Callable[[Axes], None], height: float = 3.0
) -> Markup:
    """Return a figure with a link to its numbers.

    Args:
        title: what it is.
        see: what to see in it, in a line.
        path: of its numbers, under results.
        draw: onto axes.
        height: in inches.
    """
    return figure(title, see, draw, (WIDTH, height), numbers_in(path))


def numbers_in(path: str) -> Markup:
    """Return a link to a file of results, as the page's folder sees it."""
    return tag("a", f"{path}", href=f"../{path}")


def spans(lines: Lines, names: Sequence[str], value: str = "difference") -> charts.Spans:
    """Return a column with its interval, from the columns low and high."""
    found = (lines.values(column) for column in (value, "low", "high"))
    return charts.Spans(names, *found)


def section(anchor: str, title: str, *content: str) -> Markup:
    """Return a section of the page."""
    return tag("section", tag("h2", title, id=f"{anchor}-title"), *content, id=anchor)


def grid(*content: str, small: bool = False) -> Markup:
    """Return figures side by side, where there is room: two of them, or three small ones."""
    return tag("div", *content, class_="grid thirds" if small else "grid")


def prose(text: str) -> Markup:
    """Return a text for a table's cell, which is set as one and not as a number."""
    return tag("span", text, class_="text")


def text_of(row: Row, column: str) -> Markup:
    """Return a cell's text, which knows where it is from."""
    return tag("span", row.text(column), data_from=f"{row.source}.{column}", class_="text")


def cited(one: Record) -> Markup:
    """Return a text of a record, which knows where it is from."""
    return tag("span", str(one.content), data_from=one.source)


def when(one: Row | Record, key: str) -> Markup:
    """Return a time, which knows where it is from."""
    source = f"{one.source}.{key}" if isinstance(one, Row) else one.part(key).source
    return tag("time", date(one.text(key)), data_from=source)


_KINDS = (
    ("guessing", ("prior", "uniform")),
    ("all simple references", ("logistic", "logistic_lags", "ridge", "boosting")),
)


def words(names: Sequence[str]) -> str:
    """Return names as a sentence has them, a whole kind by its own name.

    >>> words(["prior", "uniform", "baseline", "ridge"])
    'guessing, the baseline network and the ridge regression'
    """
    whole = {kind: those for kind, those in _KINDS if set(those) <= set(names)}
    kinds = {one: kind for kind, those in whole.items() for one in those}
    known = list(dict.fromkeys(kinds.get(name) or f"the {called(name)}" for name in names))
    return known[0] if len(known) == 1 else f"{', '.join(known[:-1])} and {known[-1]}"
