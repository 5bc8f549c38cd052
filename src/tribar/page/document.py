"""A whole page: one file that asks for nothing else, which its own policy forbids as well."""

import base64
import hashlib

from tribar.page.html import Markup, escape
from tribar.page.script import SCRIPT
from tribar.page.style import STYLE

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style}</style></head>
<body>
{body}
{script}</body></html>
"""


def document(title: str, body: Markup, scripted: bool = True) -> str:
    """Return a page as HTML.

    Args:
        title: of the window.
        body: all that is to be seen.
        scripted: whether tables can be sorted and numbers say where they are from.
    """
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    allowed = f"script-src 'sha256-{digest}'" if scripted else "script-src 'none'"
    return _PAGE.format(
        policy=f"default-src 'none'; style-src 'unsafe-inline'; {allowed}",
        title=escape(title),
        style=STYLE,
        body=body,
        script=f"<script>{SCRIPT}</script>\n" if scripted else "",
    )
