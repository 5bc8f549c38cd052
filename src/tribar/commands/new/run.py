"""The commands new and upgrade."""

from pathlib import Path

import yaml
from rich.console import Console

from tribar.commands.inspect.inspection import inspect_source
from tribar.commands.inspect.lines import inspection_lines
from tribar.commands.new.repository import make_repository
from tribar.console import print_line
from tribar.errors import UserError, listing
from tribar.market.config import PrepareParams
from tribar.outputs.workspace import PIPELINE
from tribar.records.code_file import CODE_FILE, stale_packages, write_code_file


def new(folder: Path, source: Path | None, params: PrepareParams, console: Console) -> None:
    """Make a repository, for a source where there is one, which is inspected first."""
    block = {}
    if source is not None:
        found = inspect_source(source, params)
        for line in inspection_lines(found, console.is_terminal):
            print_line(console, line)
        block = dict(found.block)
    make_repository(folder, source, block)
    print_line(console, f"made {folder}; next: cd {folder} && dvc repro && tribar verdict")
    if source is None:
        print_line(console, "first put bars into data/raw, and set prepare.source in params.yaml")


def upgrade(folder: Path, check: bool, console: Console) -> None:
    """Write the file of the installed code, and say which stages become stale.

    Raises:
        UserError: the repository has no such file, or, if that is only checked, another one.
    """
    path = folder / CODE_FILE
    if not path.is_file():
        raise UserError(f"{path}: there is none; this repository has the code itself")
    stale = stale_packages(folder)
    if not stale:
        print_line(console, f"{CODE_FILE} is of the installed tribar")
        return
    stages = list(_stages_of(folder / PIPELINE, stale))
    told = (
        f"other code in {listing(stale, most=10)}; stale: {listing(stages, most=10) or 'no stage'}"
    )
    if check:
        raise UserError(f"{path}: the installed tribar has {told}; run `tribar upgrade`")
    write_code_file(folder)
    print_line(console, f"wrote {CODE_FILE}: {told}")


def _stages_of(pipeline: Path, packages: list[str]) -> list[str]:
    """Return the stages whose parameters name some of the packages."""
    stages = yaml.safe_load(pipeline.read_text(encoding="utf-8"))["stages"]
    found = []
    for name, spec in stages.items():
        keys = [
            key.removeprefix("packages.")
            for one in spec.get("params", ())
            if isinstance(one, dict)
            for key in one.get(str(CODE_FILE), ())
        ]
        if any(own == key or own.startswith(f"{key}.") for own in packages for key in keys):
            found.append(name)
    return found
