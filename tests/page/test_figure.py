"""Figures: the same bytes each time, the page's colours, own ids, texts as they are."""

import re

from matplotlib.axes import Axes

from tribar.page.figure import BLUE, ROOMY, draw_svg, figure
from tribar.page.html import tag
from tribar.page.style import COLOURS

HOSTILE = "<b>#000006</b> 1.23456 $x_1$"


def draw(axes: Axes) -> None:
    axes.plot([0, 1], [0, 1], "o", color=BLUE, label=HOSTILE)
    axes.set_title(HOSTILE)


def test_it_is_the_same_each_time_and_of_no_fixed_colour() -> None:
    first = draw_svg("a line", draw, ROOMY)
    assert draw_svg("a line", draw, ROOMY) == first
    in_tags = "".join(re.findall(r"<[^>]*>", first))
    assert not re.findall(r"#0000\w\w", in_tags)
    named = set(re.findall(r"var\(--(\w+)\)", in_tags))
    assert "blue" in named
    assert named <= set(COLOURS)


def test_texts_are_as_they_were_given() -> None:
    assert "&lt;b&gt;#000006&lt;/b&gt; 1.23456 $x_1$" in draw_svg("x", draw, ROOMY)


def test_two_figures_share_no_id() -> None:
    one, two = (set(re.findall(r' id="([^"]+)"', draw_svg(x, draw, ROOMY))) for x in "ab")
    assert one
    assert not one & two
    shown = draw_svg("a", draw, ROOMY)
    assert set(re.findall(r'(?:url\(#|href="#)([^")]+)', shown)) == one


def test_who_cannot_see_it_hears_title_and_caption() -> None:
    shown = figure(tag("b", "A & B"), "What to see.", draw)
    assert 'role="img" aria-label="A &amp; B. What to see."' in shown
