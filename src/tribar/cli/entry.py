"""Where the command begins and ends."""

import sys

from rich.console import Console
from rich.markup import escape

from tribar.cli.app import app
from tribar.errors import UserError

# isort: off
# The panels of the help come in this order.
from tribar.cli import data, stages, results, use, stores  # noqa: F401

__all__ = ["app", "main"]


def main() -> None:
    """Run the command line; a user's mistake ends with one message and no traceback."""
    errors = Console(stderr=True, soft_wrap=True, highlight=False)
    try:
        app()
    except UserError as error:
        errors.print(f"[bold red]error:[/] {escape(str(error))}")
        sys.exit(error.exit_code)
