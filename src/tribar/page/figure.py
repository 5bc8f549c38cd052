"""Figures: matplotlib's SVG in the page's colours and font, the same bytes on every machine."""

import hashlib
import io
import re
import warnings
from collections.abc import Callable
from html import unescape
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tribar.page.html import Markup, tag
from tribar.page.style import COLOURS

_METADATA = ("Date", "Creator", "Format", "Type")
_STAND_INS = {name: f"#0000{n:02x}" for n, name in enumerate(COLOURS, start=1)}
INK, MUTED, LINE, PANEL, PAGE, BLUE, ORANGE, GREY, GREEN = _STAND_INS.values()
"""The colours to draw with: stand-ins that become the page's, light or dark."""
_STYLE: Any = {
    "axes.edgecolor": LINE,
    "axes.grid.axis": "y",
    "axes.labelcolor": MUTED,
    "axes.labelsize": 9.5,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10,
    "axes.unicode_minus": True,
    "date.converter": "concise",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "font.size": 9.5,
    "legend.fontsize": 9,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.3,
    "svg.fonttype": "none",
    "svg.hashsalt": "tribar",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelsize": 9,
    "ytick.color": MUTED,
    "ytick.labelsize": 9,
}
Size = tuple[float, float]
WIDTH = 5.6
ROOMY: Size = (WIDTH, 3.0)
_NUMBER = re.compile(r"-?\d+\.\d+")


def figure(
    title: str, see: str, draw: Callable[[Axes], None], size: Size = ROOMY, links: str = ""
) -> Markup:
    """Return a drawing within a figure of HTML.

    Args:
        title: what it is.
        see: what to see in it, in a line.
        draw: onto axes.
        size: width and height in inches; texts are as large as the page's at 5 to 6 wide.
        links: HTML, to the numbers.
    """
    caption = tag("figcaption", tag("b", title), see, " " if links else "", links)
    described = f"{_plain(title)}. {_plain(see)}"
    return tag("figure", caption, draw_svg(described, draw, size))


def draw_svg(described: str, draw: Callable[[Axes], None], size: Size) -> Markup:
    """Return a drawing as an SVG element, named for those who hear it."""
    with rc_context(_STYLE), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # the browser has other fonts
        drawing = Figure(figsize=size, layout="constrained")
        draw(drawing.add_subplot())
        text = io.StringIO()
        drawing.savefig(text, format="svg", metadata=dict.fromkeys(_METADATA))
    return _themed(text.getvalue(), described)


def _themed(drawn: str, described: str) -> Markup:
    """Return matplotlib's file as an element: fewer digits, its own ids, colours by name."""
    body = drawn[drawn.index("</defs>") + 7 : drawn.rindex("</svg>")]  # after a global style
    box = re.search(r'viewBox="([^"]+)"', drawn)
    assert box, "matplotlib writes one"
    body = re.sub(r"<!--.*?-->\s*", "", body, flags=re.DOTALL)
    key = hashlib.sha256((described + body).encode()).hexdigest()[:8]
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', body))
    body = re.sub(r' id="([^"]*)"', lambda m: f' id="{key}-{m[1]}"' if m[1] in used else "", body)
    body = re.sub(r'(url\(#|href="#)', rf"\g<1>{key}-", body).replace("xlink:href", "href")
    body = _in_tags(body)
    return Markup(
        f"{tag('svg', viewBox=box[1], role='img', aria_label=described)[:-6]}{body}</svg>"
    )


def _in_tags(body: str) -> str:
    """Shorten numbers and name colours and fonts, in tags alone: texts stay as they are."""
    return re.sub(r"<[^>]*>", lambda one: _shorter(one[0]), body)


def _shorter(element: str) -> str:
    for name, stand_in in _STAND_INS.items():
        element = element.replace(stand_in, f"var(--{name})")
    element = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", element)
    return _NUMBER.sub(lambda one: f"{float(one[0]):.2f}".rstrip("0").rstrip("."), element)


def _plain(text: str) -> str:
    """Return a caption without its elements, for an attribute."""
    return unescape(re.sub(r"<[^>]*>", "", text)) if isinstance(text, Markup) else text
