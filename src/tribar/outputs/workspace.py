"""Where a stage reads and writes."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tribar.errors import UserError

DEVELOPMENT = Path("data/prepared/development")
TEST = Path("data/prepared/test")
BASELINE_MODEL = Path("models/baseline")
BEST_MODEL = Path("models/best")
REFIT_MODEL = Path("models/refit")
OFF = "off"
"""Stands in the folder of a model that is not asked for."""
RESULTS = Path("results")
TUNE = RESULTS / "tune"
BEST_PARAMS = TUNE / "best_params.json"
STUDY = TUNE / "study.json"
TRIALS = TUNE / "trials.jsonl"
TUNE_METRICS = TUNE / "metrics.json"
WARM_START = Path("data/warm_start.json")
PARAMS = Path("params.yaml")
PIPELINE = Path("dvc.yaml")
LOCK = Path("dvc.lock")
STATE = Path(".tribar")
STUDIES = STATE / "studies"
TRAININGS = STATE / "trainings"
WALKS = STATE / "walks"
OPENINGS = STATE / "openings"


@dataclass(frozen=True)
class Workspace:
    """The repository, and the folder that outputs go to when it is another one.

    Attributes:
        root: the repository (inside `dvc exp run --temp`, its copy).
        output: takes the outputs in the repository's layout; None for the repository itself.
        home: the repository that keeps studies and the tracking store, never a copy.
    """

    root: Path
    output: Path | None
    home: Path

    @classmethod
    def find(cls, output: Path | None = None) -> Self:
        """Return the workspace around the current folder.

        Raises:
            UserError: the current folder is in no repository, or `output` cannot be written.
        """
        here = Path.cwd()
        root = next((f for f in (here, *here.parents) if (f / PIPELINE).is_file()), None)
        if root is None:
            raise UserError(f"{here}: no dvc.yaml here or above; run inside the repository")
        home = Path(os.environ.get("DVC_ROOT", root))
        workspace = cls(root, output.absolute() if output else None, home)
        workspace._require_writable()
        return workspace

    def target(self, path: Path) -> Path:
        """Return where to write an output."""
        return (self.output or self.root) / path

    def source(self, path: Path) -> Path:
        """Return where to read another stage's output: from `output` if that stage wrote there.

        What lies together in `results/tune`, `models/best` and the like is taken from one place.
        """
        together = Path(*path.parts[:2])
        written = self.target(together).exists()
        return self.target(path) if written else self.root / path

    def _require_writable(self) -> None:
        """Refuse, before hours of work, a folder that will not take the results."""
        folder = self.output or self.root
        probe = folder / f".tribar-{os.getpid()}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise UserError(
                f"{folder}: cannot be written ({error.strerror}); name another with --output"
            ) from None
