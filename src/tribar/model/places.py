"""Where a process has folders that lie elsewhere for whoever asks something of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event


@dataclass(frozen=True)
class Place:
    """The folders of one run of a stage, as a worker has them.

    Attributes:
        folders: the worker's own, by those of whoever runs the stage.
        over: set when whoever runs the stage has gone.
    """

    folders: Mapping[Path, Path] = field(default_factory=dict)
    over: Event = field(default_factory=Event)

    def path(self, path: Path) -> Path:
        """Return where a file or folder lies here.

        >>> Place({Path("/a"): Path("/b")}).path(Path("/a/rows")).as_posix()
        '/b/rows'
        """
        for theirs, ours in self.folders.items():
            if path.is_relative_to(theirs):
                return ours / path.relative_to(theirs)
        return path


PLACES: dict[Path, Place] = {}
"""By the folder that a run keeps its own files in; what is run has no other way to learn it."""


def place_of(home: Path) -> Place:
    """Return where this process has the folders of the run whose own files lie in `home`."""
    return PLACES.get(home, Place())
