"""Clones of this repository in which the real DVC runs the real stages, shrunk."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from ruamel.yaml import YAML

from tests.running import QUICK, ROOT


def command(folder: Path, *arguments: str, code: int = 0) -> str:
    """Run a command in a clone, as from a shell with the environment active; return its output."""
    done = subprocess.run(
        arguments, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def environment() -> dict[str, str]:
    """Return the environment without a surrounding DVC run's or a developer's settings."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("DVC_", "MLFLOW_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"
    return kept | {"PATH": path, "COLUMNS": "200", "DVC_NO_ANALYTICS": "1"}


def clone(folder: Path) -> Path:
    """Clone this repository, with what is not committed yet committed there."""
    command(ROOT, "git", "clone", "--quiet", str(ROOT), str(folder))
    listed = command(ROOT, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    command(folder, "git", "config", "user.name", "test")
    command(folder, "git", "config", "user.email", "test@localhost")
    commit(folder, "As it lies on the disk")
    return folder


def commit(folder: Path, message: str) -> None:
    """Commit everything in a clone, also where nothing changed."""
    command(folder, "git", "add", "--all")
    command(folder, "git", "commit", "--quiet", "--allow-empty", "--message", message)


def shrink(folder: Path, *overrides: str) -> None:
    """Write the quick settings, and further overrides, into a clone's params.yaml."""
    yaml = YAML()
    path = folder / "params.yaml"
    tree = yaml.load(path)
    for override in (*QUICK, *overrides):
        key, _, value = override.removeprefix("-S=").partition("=")
        *parents, last = key.split(".")
        node = tree
        for parent in parents:
            node = node[parent]
        node[last] = yaml.load(value)
    yaml.dump(tree, path)
