"""Models that differ from the trained one as is wanted, and stores that know them."""

import io
import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow import MlflowClient
from rich.console import Console

from tests.running import ROOT
from tribar.commands.promote.candidate import Candidate
from tribar.commands.promote.history import KEY, History
from tribar.commands.promote.run import run
from tribar.config.schema import Params
from tribar.forecasting.forecaster import Forecaster
from tribar.metrics.predictions import CLASS_NAMES
from tribar.metrics.scores import losses
from tribar.outputs.workspace import BEST_MODEL, OPENINGS, Workspace
from tribar.tracking.model import log_model
from tribar.tracking.registry import ALIAS
from tribar.tracking.store import open_client

Shrunk = Callable[..., Params]
Change = Callable[[dict[str, Any]], None]
PREDICTIONS = Path("results/evaluate/predictions.parquet")
SAMPLE = str(ROOT / "data/raw/us_indices.csv.gz")
URI = f"models:/tribar@{ALIAS}"
ENOUGH = ("promote.better_than=[]", "promote.not_worse_than=[baseline]")
"""A gate that the fixture's model passes: it is its own baseline."""


@dataclass(frozen=True)
class Repository:
    """A store, and the results of whichever model is to be promoted.

    Attributes:
        home: of the store.
        evaluated: a folder in which every stage has run.
    """

    home: Path
    evaluated: Path

    def workspace(self, output: Path | None = None) -> Workspace:
        """Return the workspace whose outputs lie in a folder: by default, those of the stages."""
        return Workspace(ROOT, output or self.evaluated, self.home)

    def promote(
        self, params: Params, output: Path | None = None, **flags: bool
    ) -> tuple[bool, str]:
        """Return whether the model is champion, and what was said."""
        text = io.StringIO()
        console = Console(file=text, width=1000)
        asked = {"refit": False, "force": False, **flags}
        return run(params, self.workspace(output), console=console, **asked), text.getvalue()

    def variant(self, name: str, change: Change, params: Params) -> Path:
        """Return a folder with the trained model changed, evaluated and logged."""
        output = self.home / name
        shutil.copytree(self.evaluated / BEST_MODEL, output / BEST_MODEL)
        file = output / BEST_MODEL / "model.json"
        content = json.loads(file.read_text())
        change(content)
        file.write_text(json.dumps(content))
        self._evaluate(output, params)
        self._log(output)
        return output

    def _evaluate(self, output: Path, params: Params) -> None:
        said = History.read(ROOT, params).ask(Forecaster.load(output / BEST_MODEL)).table
        names = [f"best_{name}" for name in CLASS_NAMES]
        table = pd.read_parquet(self.evaluated / PREDICTIONS).drop(columns=names)
        (output / PREDICTIONS).parent.mkdir(parents=True)
        table.merge(said[[*KEY, *names]], on=KEY).to_parquet(output / PREDICTIONS)

    def _log(self, output: Path) -> None:
        model = Candidate.read(self.workspace(output), refit=False).record()
        with open_client(self.home) as client:
            experiment = client.get_experiment_by_name("tribar").experiment_id
            (run, *_) = client.search_runs([experiment], "tags.kind = 'pipeline'")
            log_model(client, model, {}, experiment, run.info.run_id)

    def versions(self) -> list[Mapping[str, str]]:
        """Return the tags of each version, oldest first."""
        client = MlflowClient(f"sqlite:///{self.home}/mlflow.db")
        found = client.search_model_versions("name = 'tribar'")
        return [one.tags for one in sorted(found, key=lambda one: int(one.version))]

    def champion(self) -> str:
        """Return the number of the champion's version."""
        client = MlflowClient(f"sqlite:///{self.home}/mlflow.db")
        return str(client.get_model_version_by_alias("tribar", "champion").version)


def make_repository(evaluated: Path, home: Path) -> Repository:
    """Return one whose store knows what the stages have logged, and no champion."""
    shutil.copyfile(evaluated / "mlflow.db", home / "mlflow.db")
    shutil.copytree(evaluated / OPENINGS, home / OPENINGS)
    return Repository(home, evaluated)


def overconfident(content: dict[str, Any]) -> None:
    """Take a model that is sure of what it hardly knows."""
    content["calibration"] |= {"temperature": 0.1, "weight": 1.0}


def unchanged(content: dict[str, Any]) -> None:
    """Leave the model as it is; its file is written in another way, so that its name differs."""


def known_until(time: str) -> Change:
    """Return a change after which the model has learnt from labels up to a time."""

    def change(content: dict[str, Any]) -> None:
        content["schema"]["until"] = time

    return change


def another_question(content: dict[str, Any]) -> None:
    """Take a model whose labels have another horizon."""
    content["schema"]["definition"]["labels"]["horizon"] = 5


def loss_of(table: pd.DataFrame) -> float:
    """Return the mean log-loss of a table of predictions."""
    probability = table[[f"best_{name}" for name in CLASS_NAMES]].to_numpy()
    return float(losses(table["label"].to_numpy(), probability).mean())
