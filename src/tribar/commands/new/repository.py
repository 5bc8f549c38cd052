"""A fresh repository: pipeline, parameters, the data under DVC, and no code of the package."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import tribar
from tribar.commands.inspect.params_file import write_block
from tribar.commands.new.pipeline import own_pipeline
from tribar.errors import UserError
from tribar.outputs.writers import write_text
from tribar.records.code_file import write_code_file

_RAW = Path("data/raw")
_PLAIN = {
    "gitignore": ".gitignore",
    "dvcignore": ".dvcignore",
    "readme.md": "README.md",
    "warm_start.json": "data/warm_start.json",
    "workflow.yml": ".github/workflows/results.yml",
}
_DVC_CONFIG = "[core]\n    analytics = false\n    check_update = false\n"


def make_repository(folder: Path, source: Path | None, block: Mapping[str, Any]) -> None:
    """Make a repository in an empty or new folder; the source is copied and put under DVC.

    Args:
        folder: of the repository.
        source: file or folder of bars, None where it comes later.
        block: parameters under `prepare` that read it.

    Raises:
        UserError: the folder holds something, or git is missing.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder}: it is there and not empty; name a new folder")
    if shutil.which("git") is None:
        raise UserError("git is missing; install it, for DVC keeps its records in git")
    folder.mkdir(parents=True, exist_ok=True)
    _write_files(folder)
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    _begin_dvc(folder)
    named = _RAW / (source.name if source else "bars.csv")
    if source is not None:
        _copy(source, folder / named)
        _add_to_dvc(folder, named)
    write_block(folder / "params.yaml", {**block, "source": named.as_posix()})


def _template() -> Traversable:
    return resources.files("tribar.commands.new") / "template"


def template_params() -> AbstractContextManager[Path]:
    """Return the parameters that a repository begins with, as a file."""
    return resources.as_file(_template() / "params.yaml")


def _write_files(folder: Path) -> None:
    template = _template()
    for name, target in _PLAIN.items():
        write_text(folder / target, (template / name).read_text(encoding="utf-8"))
    pipeline = (template / "pipeline.yaml").read_text(encoding="utf-8")
    write_text(folder / "dvc.yaml", own_pipeline(pipeline))
    params = (template / "params.yaml").read_text(encoding="utf-8")
    params = re.sub(r"(?m)^(  models_seen: )\d+(?= )", r"\g<1>1", params)
    write_text(folder / "params.yaml", params)
    write_text(folder / "requirements.txt", f"tribar=={tribar.__version__}\n")
    write_code_file(folder)


def _begin_dvc(folder: Path) -> None:
    from dvc.repo import Repo

    Repo.init(str(folder)).close()
    write_text(folder / ".dvc/config", _DVC_CONFIG)
    for plot in (_template() / "plots").iterdir():
        write_text(folder / ".dvc/plots" / plot.name, plot.read_text(encoding="utf-8"))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


def _add_to_dvc(folder: Path, path: Path) -> None:
    from dvc.repo import Repo

    with Repo(str(folder)) as repo:
        repo.add(str(folder / path))
