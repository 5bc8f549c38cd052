"""Which code and data a run came from."""

import hashlib
import json
import os
import subprocess
from pathlib import Path

from tribar import __version__


def provenance(root: Path) -> dict[str, str]:
    """Return the tags that say which revision, data and lock file a run had; only those known."""
    schema = root / "data/prepared/development/schema.json"
    tags = {
        "tribar.version": __version__,
        "git.commit": _git(root, "rev-parse", "HEAD"),
        "git.dirty": _dirty(root),
        "data.sha256": json.loads(schema.read_text())["source_sha256"] if schema.exists() else "",
        "dvc.lock.sha256": _sha256(root / "dvc.lock"),
        "dvc.experiment": os.environ.get("DVC_EXP_NAME", ""),
    }
    return {name: value for name, value in tags.items() if value}


def _dirty(root: Path) -> str:
    if not _git(root, "rev-parse", "HEAD"):
        return ""
    return str(bool(_git(root, "status", "--porcelain", "--untracked-files=no"))).lower()


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""
