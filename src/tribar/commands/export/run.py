"""The command: a model as ONNX with its description and its golden rows, all of them or none."""

import json
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from tribar.commands.cards import NO_CARD, find_card
from tribar.commands.export.description import FORMAT, File, describe
from tribar.commands.export.golden import GoldenRow, find_test_split, golden_json, golden_rows
from tribar.commands.export.graph import as_onnx
from tribar.console import print_line
from tribar.ensemble.ensemble import Ensemble
from tribar.errors import UserError
from tribar.files import unwritable_as_user_error, whole_file
from tribar.forecasting.forecaster import Forecaster
from tribar.outputs.workspace import BEST_MODEL, TEST, Workspace
from tribar.runtime import open_device

_NO_ROWS = (
    f"no golden rows: no {TEST} beside the model or here is made as its rows were; "
    "run `tribar prepare` or `dvc repro`, then the same command again"
)


def run(file: Path, folder: Path | None, console: Console) -> None:
    """Export a model.

    Args:
        file: to write, *.onnx; beside it come *.json and, where there are any, *.golden.json and
            *.card.md.
        folder: of the model; None for the best one of the repository around the current folder.
        console: takes what was written.

    Raises:
        UserError: there is no model, ONNX cannot hold it, or the files have no place.
    """
    folder = folder or Workspace.find().root / BEST_MODEL
    ends = (".json", ".golden.json", ".card.md")
    description, golden, card = (file.with_suffix(end) for end in ends)
    _require_place(file, description, folder)
    open_device("cpu")
    forecaster = Forecaster.load(folder)
    files = {file: as_onnx(forecaster.model).SerializeToString(deterministic=True)}
    if rows := _rows(forecaster.model, folder):
        files[golden] = golden_json(rows).encode()
    if text := _card(forecaster.version):
        files[card] = text.encode()
    parts = {path: File.of(path, content) for path, content in files.items()}
    told = describe(forecaster, folder, parts[file], parts.get(golden))
    told_json = json.dumps(asdict(told), indent=2, sort_keys=True, allow_nan=False) + "\n"
    _write({description: told_json.encode()} | files)
    print_line(console, f"wrote {file} and {description} of {folder}")
    wrote = f"wrote {golden}: {len(rows)} decisions to check a program by"
    _say(golden, wrote if rows else "", _NO_ROWS, console)
    _say(card, f"wrote {card}" if text else "", NO_CARD, console)


def _require_place(file: Path, description: Path, folder: Path) -> None:
    """Refuse names that are none of ours, and to put files where others' are.

    Raises:
        UserError: see above.
    """
    if file.suffix != ".onnx":
        raise UserError(f"{file}: the name of an exported model ends in .onnx; write model.onnx")
    if file.parent.resolve() == folder.resolve():
        raise UserError(
            f"{file}: {folder} holds what a stage has written and nothing else; name a file in "
            "another folder"
        )
    if description.exists() and not _is_description(description):
        raise UserError(
            f"{description}: it would be replaced, and is no description of an exported model; "
            "move it away, or give the exported model another name"
        )


def _is_description(path: Path) -> bool:
    with suppress(OSError, ValueError, LookupError, TypeError):
        return bool(json.loads(path.read_bytes())["format"] == FORMAT)
    return False


def _rows(model: Ensemble, folder: Path) -> list[GoldenRow]:
    """Return golden rows from where the model lies or else from here; none without its data."""
    roots = [folder.absolute().parent.parent]
    with suppress(UserError):  # no repository is needed for a model that is named
        roots.append(Workspace.find().root)
    test = find_test_split(model.schema, roots)
    return list(golden_rows(model, test)) if test else []


def _card(version: str) -> str:
    """Return the model card of the repository around; nothing where that is of another model."""
    with suppress(UserError):
        return find_card(Workspace.find(), version)
    return ""


def _write(files: Mapping[Path, bytes]) -> None:
    """Write files, none of which takes its place before all are whole; the first comes last."""
    with ExitStack() as stack:
        for path, content in files.items():
            stack.enter_context(whole_file(path)).write_bytes(content)


def _say(path: Path, wrote: str, lacks: str, console: Console) -> None:
    """Say that a file was written, or leave none of an earlier export and say why."""
    if not wrote:
        with unwritable_as_user_error(path):
            path.unlink(missing_ok=True)
    print_line(console, wrote or lacks)
