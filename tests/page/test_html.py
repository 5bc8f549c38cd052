"""Elements: plain texts are escaped, markup is not escaped twice."""

from tribar.page.html import Markup, join, proper_name, table, tag

HOSTILE = '<script>alert(1)</script> " onload="x" &amp; \u202eabc'


def test_a_text_stays_text_wherever_it_stands() -> None:
    shown = table(HOSTILE, [HOSTILE], [[proper_name(HOSTILE)]]) + tag("a", HOSTILE, href=HOSTILE)
    assert "<script" not in shown
    assert ' onload="' not in shown
    assert "&amp;amp;" in shown


def test_markup_is_not_escaped_again() -> None:
    assert tag("p", tag("b", "a & b")) == "<p><b>a &amp; b</b></p>"
    assert join([Markup("<i>"), "<i>"], ", ") == "<i>, &lt;i&gt;"
