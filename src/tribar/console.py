"""Plain lines on the console."""

from rich.console import Console


def print_line(console: Console, line: str) -> None:
    """Print a line as it is: brackets are no markup, nothing is coloured or wrapped."""
    console.print(line, highlight=False, markup=False, soft_wrap=True)
