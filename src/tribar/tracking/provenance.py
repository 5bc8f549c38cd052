"""Which code and data a run came from."""

import hashlib
import json
import os
from pathlib import Path

from tribar import __version__
from tribar.records.revision import git


def provenance(root: Path) -> dict[str, str]:
    """Return the tags that say which revision, data and lock file a run had; only those known."""
    schema = root / "data/prepared/development/schema.json"
    tags = {
        "tribar.version": __version__,
        "git.commit": git(root, "rev-parse", "HEAD"),
        "git.dirty": _dirty(root),
        "data.sha256": json.loads(schema.read_text())["source_sha256"] if schema.exists() else "",
        "dvc.lock.sha256": _sha256(root / "dvc.lock"),
        "dvc.experiment": os.environ.get("DVC_EXP_NAME", ""),
    }
    return {name: value for name, value in tags.items() if value}


def _dirty(root: Path) -> str:
    if not git(root, "rev-parse", "HEAD"):
        return ""
    return str(bool(git(root, "status", "--porcelain", "--untracked-files=no"))).lower()


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
