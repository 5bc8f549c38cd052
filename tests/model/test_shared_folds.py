import fcntl
import threading
from dataclasses import fields
from multiprocessing import get_context
from pathlib import Path

import psutil
import pytest
import torch

from tests.model.synthetic import synthetic_split
from tribar.dataset.prepared import PreparedSplit, write_split
from tribar.errors import UserError
from tribar.model.folds import Fold, folds_of, make_fold, nested_folds_of
from tribar.model.shared_folds import shared_folds


def written(split: PreparedSplit, folder: Path) -> Path:
    folder.mkdir()
    write_split(split, folder)
    return folder


def tensors(fold: Fold) -> dict[str, torch.Tensor]:
    found = {
        f"{part}.{one.name}": getattr(getattr(fold, part), one.name)
        for part in ("train", "validation", "evaluated")
        for one in fields(fold.train)
    }
    scaler = {name: torch.from_numpy(getattr(fold.scaler, name)) for name in ("mean", "std")}
    return {name: x for name, x in (found | scaler).items() if isinstance(x, torch.Tensor)}


@pytest.mark.parametrize("over", ["validation", "folds", "nested"])
def test_shared_folds_are_those_in_memory(over: str, tmp_path: Path) -> None:
    split = synthetic_split()
    data = written(split, tmp_path / "data")
    if over == "validation":
        own = [make_fold(split, split.part("train"), split.part("validation"), "cpu")]
    else:
        own = list((folds_of if over == "folds" else nested_folds_of)(split, "cpu"))
    for _ in range(2):  # made, then read
        shared = shared_folds(data, over, tmp_path / "shared", "cpu")
        for mine, theirs in zip(shared, own, strict=True):
            one, other = tensors(mine), tensors(theirs)
            assert one.keys() == other.keys()
            assert len(one) == 26
            assert (mine.evaluated is mine.validation) == (over != "nested")
            assert all(torch.equal(one[name], other[name]) for name in one)
            assert mine.train.schema == theirs.train.schema
            assert mine.validation.window == theirs.validation.window


def test_the_first_to_ask_makes_them_while_others_wait(tmp_path: Path) -> None:
    data, folder = written(synthetic_split(), tmp_path / "data"), tmp_path / "shared"
    folder.mkdir()
    other = threading.Thread(target=shared_folds, args=(data, "validation", folder, "cpu"))
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        other.start()
        other.join(0.5)
        assert [path.name for path in folder.iterdir()] == ["lock"]
    other.join()
    (file,) = folder.glob("*.safetensors")
    made = file.stat().st_mtime_ns
    shared_folds(data, "validation", folder, "cpu")
    assert file.stat().st_mtime_ns == made


def test_a_fold_whose_maker_was_killed_is_made_again(tmp_path: Path) -> None:
    data, folder = written(synthetic_split(), tmp_path / "data"), tmp_path / "shared"
    first = shared_folds(data, "folds", folder, "cpu")
    (folder / "folds_2.safetensors").rename(folder / "folds_2.part")
    again = shared_folds(data, "folds", folder, "cpu")
    for one, other in zip(first, again, strict=True):
        assert torch.equal(one.train.last, other.train.last)
    assert len(list(folder.glob("*.safetensors"))) == 3


def touched(fold: Fold) -> bool:
    return all(bool(torch.isfinite(one.sum())) for one in tensors(fold).values())


def own_memory(small: str, large: str) -> int:
    """Return the bytes that a large fold's tensors add to this process's own memory."""
    shared_folds(Path(small) / "data", "validation", Path(small) / "shared", "cpu")
    before = psutil.Process().memory_full_info().uss
    (fold,) = shared_folds(Path(large) / "data", "validation", Path(large) / "shared", "cpu")
    assert touched(fold)
    used: int = psutil.Process().memory_full_info().uss - before
    return used


def test_a_worker_more_costs_no_copy_of_the_data(tmp_path: Path) -> None:
    sizes = {"small": (2, 160), "large": (60, 2500)}
    for name, (symbols, rows) in sizes.items():
        (tmp_path / name).mkdir()
        data = written(synthetic_split(symbols, rows), tmp_path / name / "data")
        (fold,) = shared_folds(data, "validation", tmp_path / name / "shared", "cpu")
    whole = sum(one.nbytes for one in tensors(fold).values())
    assert touched(fold)  # a page that a single process maps would count as its own
    with get_context("spawn").Pool(1) as pool:
        used = pool.apply(own_memory, (str(tmp_path / "small"), str(tmp_path / "large")))
    assert used < whole / 4


def test_a_folder_that_takes_no_file_is_a_users_fault(tmp_path: Path) -> None:
    data = written(synthetic_split(), tmp_path / "data")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match=r"file: cannot be written"):
        shared_folds(data, "validation", tmp_path / "file", "cpu")
    with pytest.raises(UserError, match="no prepared split"):
        shared_folds(tmp_path / "none", "validation", tmp_path / "shared", "cpu")
