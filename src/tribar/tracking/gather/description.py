"""Descriptions in Markdown, as MLflow's pages show them."""

from collections.abc import Sequence
from itertools import groupby

_LONGEST = 8000
"""What MLflow admits of a tag."""
_CUT = "\n… cut here: MLflow admits no more"


def verdict_markdown(lines: Sequence[str]) -> str:
    r"""Return a verdict: its first line stands out, a table stays one, the rest are a list.

    Args:
        lines: of `results/evaluate/verdict.txt`, those of the table indented.

    >>> print(verdict_markdown(["verdict: better", " test  loss", " best  1.0", "best vs prior"]))
    **verdict: better**
    <BLANKLINE>
    ```text
     test  loss
     best  1.0
    ```
    <BLANKLINE>
    - best vs prior
    """
    first, *rest = lines
    parts = [f"**{first}**"]
    for is_table, part in groupby(rest, lambda line: line.startswith(" ")):
        found = list(part)
        parts.append(preformatted("\n".join(found)) if is_table else _list(found))
    return shortened("\n\n".join(parts))


def preformatted(text: str) -> str:
    """Return text that is shown as it is, as long as MLflow admits."""
    before, after = "```text\n", "\n```"
    return f"{before}{shortened(text, _LONGEST - len(before + after))}{after}"


def shortened(text: str, most: int = _LONGEST) -> str:
    """Return a text that MLflow admits: cut, and saying so, where it is too long."""
    return text if len(text) <= most else text[: most - len(_CUT)] + _CUT


def _list(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
