"""Clones of this repository in which the real DVC runs the real stages, shrunk."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
from ruamel.yaml import YAML

from tests.running import QUICK, ROOT, SHORT

STAGES = tuple(YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"])


def command(folder: Path, *arguments: str, code: int = 0) -> str:
    """Run a command in a clone, as from a shell with the environment active; return its output."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        # Files, not pipes: the workers of `dvc queue start` would hold a pipe open.
        done = subprocess.run(
            arguments, cwd=folder, env=environment(), stdout=out, stderr=err, check=False
        )
        out.seek(0)
        err.seek(0)
        said = out.read() + err.read()
    assert done.returncode == code, said
    return said


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
    for override in (*QUICK, *SHORT, *overrides):
        key, _, value = override.partition("=")
        *parents, last = key.split(".")
        node = tree
        for parent in parents:
            node = node[parent]
        node[last] = yaml.load(value)
    yaml.dump(tree, path)


def rebuilt(folder: Path) -> Path:
    """Return a clone with quick settings, rebuilt and committed."""
    shrink(clone(folder))
    command(folder, "dvc", "repro", "--force")
    commit(folder, "Quick results")
    return folder


def ran(output: str) -> set[str]:
    """Return the stages that `dvc` ran."""
    return {stage for stage in STAGES if f"Running stage '{stage}'" in output}


def finish_queue(folder: Path) -> str:
    """Wait until a clone's queue has run, end workers that outlive it, and return its status."""
    while re.search("Queued|Running", status := command(folder, "dvc", "queue", "status")):
        time.sleep(2)
    for process in psutil.process_iter(["cmdline", "cwd"]):
        if "queue-worker" in (process.info["cmdline"] or ()) and process.info["cwd"] == str(folder):
            process.kill()
    return status
