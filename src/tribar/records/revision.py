"""The revision of the repository that a run came from."""

import subprocess
from pathlib import Path


def git(root: Path, *arguments: str) -> str:
    """Return what a git command prints, without the last newline; empty where it fails."""
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def describe_revision(root: Path) -> str:
    """Return the shortest name of the revision, with -dirty where files differ from it."""
    return git(root, "describe", "--always", "--dirty")
