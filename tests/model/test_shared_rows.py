from multiprocessing import get_context
from pathlib import Path

import numpy as np
import psutil
import pytest
import torch

from tests.model.synthetic import synthetic_split
from tribar.dataset import scaling
from tribar.dataset.scaling import Scaler
from tribar.errors import UserError
from tribar.model import shared_rows as module
from tribar.model.folds import make_fold
from tribar.model.shared_rows import shared_rows

SCALER = Scaler(np.array([1.0, 2.0]), np.array([2.0, 4.0]))


def some_rows(count: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=(count, 2)).astype(np.float32)


def test_the_mapped_rows_are_the_scaled_ones_whatever_the_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = some_rows(1000)
    whole = ((rows - SCALER.mean) / SCALER.std).astype(np.float32)
    for block in (7, 1000, 65536):
        for one in (module, scaling):
            monkeypatch.setattr(one, "BLOCK", block)
        np.testing.assert_array_equal(SCALER.apply(rows), whole)
        mapped = shared_rows(SCALER, rows, tmp_path / str(block))
        np.testing.assert_array_equal(mapped.numpy(), whole)


def test_a_scaler_is_numpys_mean_and_deviation_of_the_covered_rows_and_changes_none() -> None:
    rows = some_rows(30)
    before = rows.copy()
    fitted = Scaler.fit(rows, np.array([9, 10, 25]), window=4)
    covered = rows[[*range(6, 11), *range(22, 26)]].astype(np.float64)
    np.testing.assert_array_equal(fitted.mean, covered.mean(axis=0))
    np.testing.assert_array_equal(fitted.std, covered.std(axis=0))
    np.testing.assert_array_equal(rows, before)


def test_another_scaler_has_another_file_and_the_same_one_is_not_written_again(
    tmp_path: Path,
) -> None:
    rows = some_rows(50)
    shared_rows(SCALER, rows, tmp_path)
    (file,) = tmp_path.iterdir()
    before = file.stat().st_mtime_ns
    shared_rows(SCALER, rows, tmp_path)
    assert file.stat().st_mtime_ns == before
    shared_rows(Scaler(SCALER.mean, SCALER.std * 2), rows, tmp_path)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_fold_of_shared_rows_is_the_fold_in_memory(tmp_path: Path) -> None:
    split = synthetic_split()
    train, validation = split.part("train"), split.part("validation")
    own, shared = (
        make_fold(split, train, validation, "cpu", folder) for folder in (None, tmp_path)
    )
    assert torch.equal(own.train.rows, shared.train.rows)


def own_memory(folder: str) -> int:
    """Return the bytes that reading all the rows adds to this process's own memory."""
    rows = np.lib.format.open_memmap(Path(folder) / "rows.npy", mode="r")
    before = psutil.Process().memory_full_info().uss
    total = shared_rows(SCALER, rows, Path(folder) / "shared").sum()
    assert torch.isfinite(total)
    used: int = psutil.Process().memory_full_info().uss - before
    return used


def test_a_worker_more_costs_no_copy_of_the_rows(tmp_path: Path) -> None:
    rows = some_rows(4_000_000)
    np.save(tmp_path / "rows.npy", rows)
    mapped = shared_rows(SCALER, rows, tmp_path / "shared")
    assert torch.isfinite(mapped.sum())
    with get_context("spawn").Pool(1) as pool:
        assert pool.apply(own_memory, (str(tmp_path),)) < rows.nbytes / 4


def test_a_folder_that_takes_no_file_is_a_users_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"float32: cannot be written"):
        shared_rows(SCALER, some_rows(5), tmp_path / "file")
