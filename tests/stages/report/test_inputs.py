"""What a page says of its inputs: the hashes that DVC has, and no other stage's."""

from pathlib import Path

import pytest

from tests.running import ROOT
from tribar.errors import UserError
from tribar.outputs.workspace import Workspace
from tribar.stages.report.inputs import Inputs

LOCK = """\
schema: '2.0'
stages:
  prepare:
    deps:
    - {path: data/raw/bars.csv, hash: md5, md5: aa11, size: 1}
    - {path: src/tribar/market, hash: md5, md5: bb22.dir, size: 1}
    outs:
    - {path: models/best, hash: md5, md5: cc33.dir, size: 1}
  evaluate:
    deps:
    - {path: models/best/folds.parquet, hash: md5, md5: dd44, size: 1}
    - {path: results/tune/metrics.json, hash: md5, md5: ee55, size: 1}
"""


def inputs(root: Path, output: Path | None = None) -> Inputs:
    return Inputs.of(Workspace(root, output, root), {"base": {"seed": 42}})


def test_only_what_no_stage_makes_and_no_code_is_an_input(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    assert inputs(tmp_path).hashes == {"data/raw/bars.csv": "md5 aa11"}


def test_what_is_run_by_hand_has_no_hash(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text(LOCK)
    assert inputs(tmp_path, tmp_path / "elsewhere").hashes == {}
    (tmp_path / "dvc.lock").unlink()
    assert inputs(tmp_path).hashes == {}


def test_a_damaged_lock_is_said(tmp_path: Path) -> None:
    (tmp_path / "dvc.lock").write_text("stages: [1")
    with pytest.raises(UserError, match=r"dvc\.lock: it is damaged"):
        inputs(tmp_path)


def test_the_sample_has_the_hashes_of_its_files() -> None:
    assert {"data/raw/us_indices.csv.gz", "data/warm_start.json"} == set(inputs(ROOT).hashes)
