"""What a revision or an experiment of the repository holds, or its working tree."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tribar.errors import UserError
from tribar.outputs.workspace import BEST_MODEL, RESULTS

if TYPE_CHECKING:
    from dvc.api import DVCFileSystem

WORKSPACE = "workspace"
METRICS = RESULTS / "evaluate/metrics.json"


@dataclass(frozen=True)
class Revision:
    """A revision or experiment of the repository, or its working tree.

    Attributes:
        root: the repository.
        name: anything that git or DVC knows; `workspace` for the working tree.
    """

    root: Path
    name: str

    def read(self, path: Path) -> bytes:
        """Return a result's content: a tracked file, or one from DVC's cache or remote.

        Raises:
            UserError: there is no such revision.
            FileNotFoundError: it has no such file, or the cache does not hold it.
        """
        if self.name == WORKSPACE:
            return (self.root / path).read_bytes()
        with self._known():
            content: bytes = self._files().read_bytes(path.as_posix())
        return content

    def metrics(self) -> dict[str, Any]:
        """Return what evaluate found.

        Raises:
            UserError: it has no results of evaluate.
        """
        try:
            content: dict[str, Any] = json.loads(self.read(METRICS))
        except OSError:
            raise UserError(
                f"{self.name}: has no {METRICS}; run `dvc repro` there and commit the results"
            ) from None
        return content

    def copy_results(self, folder: Path) -> None:
        """Write the tables of the results, those that git tracks, below a folder.

        Raises:
            UserError: there is no such revision, or it has no results.
        """
        self.metrics()  # what it lacks is said once
        for path in self._tables():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.read(path))

    def copy_model(self, folder: Path) -> Path:
        """Write the best model below a folder; return the model's folder.

        Raises:
            UserError: there is no such revision, or DVC's cache does not hold its model.
        """
        for path in self._found(BEST_MODEL):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                target.write_bytes(self.read(path))
            except FileNotFoundError:
                raise UserError(
                    f"{self.name}: its {BEST_MODEL} is not in DVC's cache; `dvc pull` from a "
                    "remote, or `dvc repro` there, brings it"
                ) from None
        return folder / BEST_MODEL

    def _tables(self) -> list[Path]:
        return [path for path in self._found(RESULTS) if path.suffix in (".csv", ".json")]

    def _found(self, folder: Path) -> list[Path]:
        """Return the files below a folder."""
        if self.name == WORKSPACE:
            return [path.relative_to(self.root) for path in (self.root / folder).rglob("*.*")]
        with self._known():
            return [Path(one.lstrip("/")) for one in self._files().find(f"/{folder.as_posix()}")]

    def _files(self) -> "DVCFileSystem":
        from dvc.api import DVCFileSystem

        return DVCFileSystem(str(self.root), rev=self.name)

    @contextmanager
    def _known(self) -> Iterator[None]:
        """Tell of a name that git and DVC do not know, and of a file that DVC does not hold."""
        from dvc.exceptions import DvcException
        from dvc.scm import RevError, SCMError

        try:
            yield
        except RevError:
            raise UserError(
                f"{self.name}: no revision or experiment of this repository; `git log` and "
                "`dvc exp show` list them, and a shallow clone lacks most: git fetch --unshallow"
            ) from None
        except (DvcException, SCMError) as error:
            raise FileNotFoundError(str(error)) from None
