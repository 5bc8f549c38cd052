"""Makes the page that `dvc plots show` fills, with its scripts inside it: part of `make setup`.

DVC's own page loads them from a network, and does not say how its text is encoded.
"""

import subprocess
from pathlib import Path

import vl_convert

ROOT = Path(__file__).parents[1]
PAGE = ROOT / ".dvc/tmp/plots_page.html"
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{refresh_tag}
<title>tribar: plots</title>
<style>body { font-family: sans-serif; } body > div { margin: 2rem 1rem; }</style>
<script>(() => {SCRIPTS})();</script>
</head>
<body>
{plot_divs}
</body>
</html>
"""


def main() -> None:
    """Write the page, and name it in this clone's own settings of DVC."""
    scripts = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version="5.20")
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(_PAGE.replace("SCRIPTS", scripts), encoding="utf-8")
    named = ("plots.html_template", str(PAGE.relative_to(ROOT / ".dvc")))
    subprocess.run(["dvc", "config", "--local", *named], cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
