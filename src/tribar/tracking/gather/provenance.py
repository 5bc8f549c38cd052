"""Which code, data and person a run came from."""

import getpass
import hashlib
import os
import re
from pathlib import Path

from tribar import __version__
from tribar.dataset.schema import Schema
from tribar.outputs.workspace import LOCK, PIPELINE
from tribar.records.revision import git

_SECRET = re.compile(r"(?<=://)[^/@]*@")


def provenance(root: Path, schema: Schema) -> dict[str, str]:
    """Return the tags that say which revision, data and lock file a run had; only those known.

    Those that begin with `mlflow.` are what MLflow's pages show as user and source.
    """
    tags = {
        "mlflow.user": _user(),
        "mlflow.source.name": str(root / PIPELINE),
        "mlflow.source.type": "LOCAL",
        "mlflow.source.git.commit": git(root, "rev-parse", "HEAD"),
        "mlflow.source.git.branch": git(root, "branch", "--show-current"),
        "mlflow.source.git.repoURL": without_password(git(root, "remote", "get-url", "origin")),
        "git.dirty": _dirty(root),
        "tribar.version": __version__,
        "data.sha256": schema.source_sha256,
        "dvc.lock.sha256": _sha256(root / LOCK),
        "dvc.experiment": os.environ.get("DVC_EXP_NAME", ""),
    }
    return {name: value for name, value in tags.items() if value}


def without_password(address: str) -> str:
    """Return an address without the user and the password that it may hold.

    >>> without_password("https://me:secret@example.org/runs")
    'https://example.org/runs'
    """
    return _SECRET.sub("", address)


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return ""


def _dirty(root: Path) -> str:
    if not git(root, "rev-parse", "HEAD"):
        return ""
    return str(bool(git(root, "status", "--porcelain", "--untracked-files=no"))).lower()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
