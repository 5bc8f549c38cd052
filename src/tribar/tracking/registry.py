"""The registry: versions of the model, of which one is the champion."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tribar.errors import UserError
from tribar.tracking.fetch import open_store
from tribar.tracking.model import VERSION, log_model
from tribar.tracking.record import ModelRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import LoggedModel

ALIAS = "champion"
_JUDGED = "judged"
_ABSENT = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""How MLflow says that there is no such model, or no such alias of it."""


@dataclass(frozen=True)
class Champion:
    """The version that has the alias.

    Attributes:
        number: of the version.
        model: names the model: a hash of its files.
        judged: URI of the model that was judged: its own, or the one that it was refitted from.
    """

    number: str
    model: str
    judged: str

    @property
    def title(self) -> str:
        """Return what it is, for a reader."""
        return f"version {self.number} ({self.model or 'not made by tribar promote'})"


@dataclass(frozen=True)
class Entry:
    """What is registered.

    Attributes:
        name: of the registered model.
        description: of the registered model.
        labels: likewise.
        model: that becomes a version.
        judged: names the model that was judged, which a run has logged: a hash of its files.
        tags: of the version.
        notes: of the version, Markdown.
        card: of the judged model, Markdown; empty where there is none.
    """

    name: str
    description: str
    labels: tuple[str, ...]
    model: ModelRecord
    judged: str
    tags: Mapping[str, str]
    notes: str
    card: str


def find_champion(name: str, home: Path) -> Champion | None:
    """Return the champion of a registered model; None where there is none.

    Args:
        name: of the registered model.
        home: the repository that keeps the store.

    Raises:
        UserError: the store does not answer.
    """
    with open_store(home, "look for the champion") as client:
        return _champion(client, name)


def register(entry: Entry, before: Champion | None, experiment: str, home: Path) -> Champion:
    """Make a model a version, and the version the champion; return it.

    Args:
        entry: what is registered.
        before: the champion that it was held against.
        experiment: name of the experiment whose runs have logged the judged model.
        home: the repository that keeps the store.

    Raises:
        UserError: the store does not answer, no run has logged the judged model, or the champion
            is another by now.
    """
    with open_store(home, "register the model") as client:
        if _champion(client, entry.name) != before:
            raise UserError(f"{entry.name}: the champion is another by now; run promote again")
        judged = _logged(client, entry.judged, experiment)
        if judged is None:
            raise UserError(
                f"models/best: no run of the experiment {experiment} has logged it; run `tribar "
                "track`, and promote again"
            )
        model = _logged(client, entry.model.version, experiment)
        model_id = model.model_id if model else _log(client, entry.model, judged)
        return _crown(client, entry, model_id, judged)


def _champion(client: "MlflowClient", name: str) -> Champion | None:
    from mlflow.exceptions import MlflowException

    try:
        found = client.get_model_version_by_alias(name, ALIAS)
    except MlflowException as error:
        if error.error_code in _ABSENT:
            return None
        raise
    own = f"models:/{name}/{found.version}"  # of a version that another tool has made
    return Champion(str(found.version), found.tags.get(VERSION, ""), found.tags.get(_JUDGED, own))


def _logged(client: "MlflowClient", version: str, experiment: str) -> "LoggedModel | None":
    """Return the newest model of these files that was logged to its end."""
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return None
    models = client.search_logged_models(
        [found.experiment_id],
        f"tags.`{VERSION}` = '{version}'",
        order_by=[{"field_name": "creation_timestamp", "ascending": False}],
    )
    return next((one for one in models if one.status == "READY"), None)


def _log(client: "MlflowClient", model: ModelRecord, judged: "LoggedModel") -> str:
    """Log a model into the run of the judged one."""
    return log_model(client, model, {}, judged.experiment_id, judged.source_run_id)


def _crown(client: "MlflowClient", entry: Entry, model_id: str, judged: "LoggedModel") -> Champion:
    """Make a logged model a version with all its tags, and give it the alias."""
    _describe(client, entry)
    _lay_card(client, entry.card, model_id)
    uri = f"models:/{judged.model_id}"
    made = client.create_model_version(
        entry.name,
        f"models:/{model_id}",
        judged.source_run_id,
        {**entry.tags, VERSION: entry.model.version, _JUDGED: uri},
        description=entry.notes,
        model_id=model_id,
    )
    client.set_registered_model_alias(entry.name, ALIAS, made.version)
    return Champion(str(made.version), entry.model.version, uri)


def _lay_card(client: "MlflowClient", card: str, model_id: str) -> None:
    """Put a model card beside the files of a logged model."""
    if card:
        with tempfile.TemporaryDirectory() as temporary:
            (Path(temporary) / "model_card.md").write_text(card, encoding="utf-8")
            client.log_model_artifacts(model_id, temporary)


def _describe(client: "MlflowClient", entry: Entry) -> None:
    """Make the registered model, or bring its description and labels up to date."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(entry.name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    client.update_registered_model(entry.name, entry.description)
    client.set_registered_model_tag(entry.name, "labels", ", ".join(entry.labels))
