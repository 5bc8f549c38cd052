"""Elements of HTML in which every plain text is escaped."""

import html
from collections.abc import Iterable, Sequence


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str) -> Markup:
    """Return an element; children and attributes that are no markup are escaped.

    >>> tag("p", "a < b ", tag("b", "c"), class_="note", data_from="x")
    '<p class="note" data-from="x">a &lt; b <b>c</b></p>'
    """
    named = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(value)}"'
        for key, value in attributes.items()
    )
    return Markup(f"<{name}{named}>{join(children)}</{name}>")


def join(parts: Iterable[str], between: str = "") -> Markup:
    """Return the parts in a row, escaped where they are no markup."""
    return Markup(between.join(escape(part) for part in parts))


def phrase(*parts: str) -> Markup:
    """Return parts of a sentence in a row."""
    return join(parts)


def escape(text: str) -> Markup:
    """Return a text as HTML; markup stays as it is."""
    return text if isinstance(text, Markup) else Markup(html.escape(text))


def proper_name(text: str) -> Markup:
    """Return a name that a user gave, kept apart from the direction of the text around it."""
    return tag("bdi", text)


def listed(items: Iterable[str]) -> Markup:
    """Return an unordered list."""
    return tag("ul", *(tag("li", item) for item in items))


def table(caption: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Markup:
    """Return a table whose rows begin with their heading, in a frame that scrolls by itself."""
    cells = [
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]))
        for row in rows
    ]
    top = tag("tr", *(tag("th", cell, scope="col") for cell in head))
    whole = tag(
        "table", tag("caption", tag("span", caption)), tag("thead", top), tag("tbody", *cells)
    )
    # Focus lets a keyboard scroll what is wider than the screen.
    return tag("div", whole, class_="table", tabindex="0", role="region", aria_label=caption)


def folded(summary: str, *content: str) -> Markup:
    """Return content that is shown on demand, by the browser itself."""
    return tag("details", tag("summary", summary), *content)


def shorten(text: str, most: int = 24) -> str:
    """Return a text that fits into a figure.

    >>> shorten("an uncommonly long name", 12)
    'an uncommon…'
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"
