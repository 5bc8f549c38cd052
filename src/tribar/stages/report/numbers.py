"""Numbers as readers see them: rounded, with a true minus, and with where they are from."""

import math

from tribar.page.html import Markup, join, tag
from tribar.stages.report.results import Number, Row

LOSS = "+.4f"
"""Of differences of a log-loss."""
SHARE = "g%"
"""Of percents that are whole, or nearly."""
NONE = "–"


def plain(number: Number, form: str = ",.0f") -> str:
    r"""Return a number as text; a format of percent has a space before its sign.

    >>> plain(Number(-0.0343, "x"), "+.1%"), plain(Number(1458, "x"))
    ('−3.4\u202f%', '1,458')
    """
    if math.isnan(number.value):
        return NONE
    text = f"{100 * number.value:.4g}%" if form == SHARE else f"{number.value:{form}}"
    if not any(sign in text for sign in "123456789"):
        text = text.lstrip("-+")  # rounded to nothing, it has no sign
    return text.replace("-", "−").replace("%", "\u202f%")


def show(number: Number, form: str = ",.0f") -> Markup:
    """Return a number as an element that knows where it is from."""
    text = plain(number, form)
    return tag("span", text, data_from=number.source) if text != NONE else Markup(text)


def interval(low: Number, high: Number, form: str) -> Markup:
    """Return both ends of an interval; a dash where there is none."""
    if math.isnan(low.value):
        return Markup(NONE)
    return join(["[", show(low, form), ", ", show(high, form), "]"])


def with_interval(row: Row, column: str, form: str = LOSS) -> Markup:
    """Return a value of a line with its interval, from the columns low and high."""
    ends = interval(row.number("low"), row.number("high"), form)
    return join([show(row.number(column), form), " ", ends])


def plain_interval(row: Row, column: str, form: str = LOSS) -> str:
    """Return the same as text."""
    low, high = (plain(row.number(end), form) for end in ("low", "high"))
    return f"{plain(row.number(column), form)} [{low}, {high}]"


def date(text: str) -> str:
    """Return a time without what a page has no room for: seconds, and midnight.

    >>> date("2018-12-31T00:00:00+00:00"), date("2018-12-31 14:30:00+00:00")
    ('2018-12-31', '2018-12-31 14:30')
    """
    short = text.replace("T", " ")[:16]
    return short.removesuffix(" 00:00")
