"""The real params.yaml, shrunk where a test cannot wait."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tribar import runtime

runtime.pin()

from tests.running import QUICK, SHORT, options, run  # noqa: E402
from tribar.config.reading import read_params  # noqa: E402  (after the pins)
from tribar.config.schema import Params  # noqa: E402  (after the pins)

ROOT = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files of the folder itself, the longest: no worker ends far behind another."""
    items.sort(key=lambda item: item.path.parent != ROOT / "tests")


@pytest.fixture(scope="session", autouse=True)
def _torch_as_in_a_stage() -> None:
    runtime.open_device("cpu")


@pytest.fixture(scope="session")
def repository() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def shrunk() -> Callable[..., Params]:
    """Return the committed parameters with `key=value` overrides."""

    def read(*overrides: str) -> Params:
        return read_params(ROOT / "params.yaml", overrides)

    return read


@pytest.fixture(autouse=True)
def _no_inherited_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a developer's own settings, and a surrounding DVC run's, out of the tests."""
    for name in list(os.environ):
        if name.startswith(("DVC_", "MLFLOW_", "TRIBAR_OPTUNA_")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which `tribar prepare` has run on the sample, on short windows."""
    folder = tmp_path_factory.mktemp("prepared")
    run("prepare", *options(*SHORT), "--output", str(folder), home=folder)
    return folder


@pytest.fixture(scope="session")
def evaluated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which every stage up to evaluate has run on the sample, shrunk."""
    quicker = options(*QUICK, "tune.n_trials=2", "prepare.splits.folds=2")

    def make(folder: Path) -> None:
        for stage in ("prepare", "train-baseline", "tune", "train-best", "evaluate"):
            run(stage, *quicker, "--output", str(folder), home=folder)

    return _made_once(tmp_path_factory, "evaluated", make)


def _made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """Return a folder that the first of the workers that want it makes for all."""
    root = factory.getbasetemp()
    folder = (root.parent if "PYTEST_XDIST_WORKER" in os.environ else root) / name
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            folder.mkdir()
            make(folder)
    return folder
