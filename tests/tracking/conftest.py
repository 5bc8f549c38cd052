"""A workspace with the committed results, and what is logged of it."""

import shutil
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from tests.model.synthetic import synthetic_split
from tests.running import ROOT
from tribar.config.schema import Params
from tribar.dataset.prepared import write_bars, write_split
from tribar.outputs.workspace import BEST_MODEL, DEVELOPMENT, STUDIES, TEST, TRIALS, Workspace
from tribar.study.journal import open_journal
from tribar.tracking.gather.run import pipeline_record
from tribar.tracking.record import PipelineRecord
from tribar.trial.result import Span
from tribar.trials import from_lines

STUDY = "ab12cd34ef567890"
BEGAN = 1_700_000_000.0
"""Trial n of the study ran from so many seconds, and 10 n, on for n + 1 seconds."""


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Return a repository: committed results, small splits, a model, and the study's journal."""
    root = tmp_path_factory.mktemp("repository")
    shutil.copytree(ROOT / "results", root / "results")
    for path, seed in ((DEVELOPMENT, 0), (TEST, 1)):
        (root / path).mkdir(parents=True)
        write_split(synthetic_split(seed=seed), root / path)
    (root / BEST_MODEL).mkdir(parents=True)
    (root / BEST_MODEL / "model.json").write_text("{}")
    save_file({"w": np.zeros(3)}, root / BEST_MODEL / "network_0.safetensors")
    write_bars(kept_bars(), root / BEST_MODEL)
    with open_journal(root / STUDIES / STUDY, print) as journal:
        for row in from_lines((root / TRIALS).read_text()):
            began = BEGAN + 10 * row.number
            journal.append(row, Span(began, began + row.number + 1))
    return Workspace(root, None, root)


def kept_bars() -> pd.DataFrame:
    """Return what a model keeps of bars: the newest eleven of two symbols."""
    local = pd.date_range("2024-01-01", periods=11, freq="D")
    bars = [
        pd.DataFrame({"symbol": symbol, "time": local.tz_localize("UTC"), "local_time": local})
        for symbol in ("A", "B")
    ]
    return pd.concat(bars, ignore_index=True).assign(close=100.0, volume=range(22))


@pytest.fixture(scope="session")
def record(workspace: Workspace, shrunk: Callable[..., Params]) -> PipelineRecord:
    """Return what is logged of it."""
    return pipeline_record(shrunk(), workspace, Span(BEGAN, BEGAN + 600))
