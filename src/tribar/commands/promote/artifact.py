"""What dvc.yaml says of the model under `artifacts:`, which the registry says too."""

from dataclasses import dataclass
from pathlib import Path

from tribar.errors import UserError, one_line
from tribar.outputs.workspace import PIPELINE


@dataclass(frozen=True)
class Artifact:
    """An entry of `artifacts:`, its description and labels."""

    description: str
    labels: tuple[str, ...]


def read_artifact(root: Path, name: str) -> Artifact:
    """Return the entry of a name, read by DVC.

    Raises:
        UserError: there is none, or DVC cannot read the repository.
    """
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    try:
        with Repo(str(root)) as repo:
            found = repo.artifacts.read().get(str(PIPELINE), {}).get(name)
    except DvcException as error:
        raise UserError(f"{root}: DVC cannot read its artifacts ({one_line(error)})") from None
    if found is None:
        raise UserError(
            f"{root / PIPELINE}: no artifact {name}, which promote.name asks for; write\n"
            f"artifacts:\n  {name}: {{path: models/best, type: model}}"
        )
    return Artifact(found.desc or "", tuple(found.labels))
