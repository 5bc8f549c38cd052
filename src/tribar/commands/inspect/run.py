"""The command: nothing is written unless it is asked for."""

from pathlib import Path

from rich.console import Console

from tribar.commands.inspect.inspection import inspect_source
from tribar.commands.inspect.lines import inspection_lines
from tribar.commands.inspect.params_file import write_block
from tribar.console import print_line
from tribar.market.config import PrepareParams
from tribar.outputs.writers import write_text


def run(source: str, params: PrepareParams, html: Path | None, params_file: Path | None) -> None:
    """Show a source; write a page or the parameters where they are asked for."""
    console = Console()
    found = inspect_source(Path(source), params)
    for line in inspection_lines(found, console.is_terminal):
        print_line(console, line)
    if html is not None:
        from tribar.commands.inspect.page import inspection_page

        write_text(html, inspection_page(found, source, params.labels))
        print_line(console, f"wrote {html}")
    if params_file is not None:
        write_block(params_file, found.block)
        print_line(console, f"wrote the block into {params_file}")
