"""A study's folds in files that its processes map: memory grows with rows, not with workers."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors.torch import load_file

from tribar.dataset.prepared import PreparedSplit, read_split
from tribar.dataset.scaling import Scaler
from tribar.errors import TRIALS_SAFE
from tribar.files import unwritable_as_user_error, whole_file
from tribar.model.folds import Fold, folds_of, make_fold, nested_folds_of
from tribar.model.shared_rows import shared_rows
from tribar.model.training.tensors import save_tensors
from tribar.model.windows import Windows, to_device

VALIDATION = "validation"
"""What a network is judged over where that is no fold."""
FOLDS = "folds"
"""The purged folds of all development samples."""
NESTED = "nested"
"""The purged folds, with an inner validation part that chooses the epoch."""
WHOLE = "whole"
"""All samples to train on, and none held out: they stand for the validation windows too."""
_PARTS = {"train": "fit", "validation": "check", "evaluated": "judge"}
"""The windows of a fold, and how their tensors' names begin in its file."""
_INDEX = ("last", "target", "weight", "decision", "exit_return", "sample_at")


def shared_folds(data: Path, over: str, folder: Path, device: str) -> tuple[Fold, ...]:
    """Return the folds of a prepared split, mapped from files that the first to ask writes.

    Args:
        data: the prepared split.
        over: "validation" for that split alone; "whole" for all samples; "nested" for the purged
            folds of all samples with an inner validation part, else those without.
        folder: of a study, whose data is always the same.
        device: "cpu" or "cuda".

    Raises:
        UserError: nothing is prepared, or the folder cannot be written, as on a full disk.
    """
    split = read_split(data, columns=[])
    count = 1 if over in (VALIDATION, WHOLE) else split.schema.folds
    paths = [folder / f"{over}_{number}.safetensors" for number in range(count)]
    with _one_at_a_time(folder):
        if not all(path.exists() for path in paths):
            for path, fold in zip(paths, _make(data, over, folder), strict=True):
                _write(fold, path)
        return tuple(_read(path, split, device) for path in paths)


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Let other processes wait: each would need as much memory to make what it then maps."""
    with unwritable_as_user_error(folder, TRIALS_SAFE):
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("w")
    with file as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _make(data: Path, over: str, folder: Path) -> Iterator[Fold]:
    split = read_split(data)
    if over == VALIDATION:
        yield make_fold(split, split.part("train"), split.part("validation"), "cpu", folder)
    elif over == WHOLE:
        yield make_fold(split, split.samples, split.samples, "cpu", folder)
    else:
        yield from (nested_folds_of if over == NESTED else folds_of)(split, "cpu", folder)


def _write(fold: Fold, path: Path) -> None:
    """Write all of a fold but its rows, which lie in a file of their own."""
    kept = [one for one in _PARTS if one != "evaluated" or fold.evaluated is not fold.validation]
    tensors = {
        f"{_PARTS[part]}.{name}": getattr(getattr(fold, part), name)
        for part in kept
        for name in (*_INDEX, "runs")
    }
    for name in ("mean", "std"):
        tensors[name] = torch.from_numpy(getattr(fold.scaler, name))
    with whole_file(path, TRIALS_SAFE, several=True) as part:
        save_tensors(tensors, part)


def _read(path: Path, split: PreparedSplit, device: str) -> Fold:
    tensors, schema = load_file(path), split.schema
    scaler = Scaler(tensors["mean"].numpy(), tensors["std"].numpy())
    rows = to_device(shared_rows(scaler, split.rows, path.parent), device)
    parts = {
        part: Windows(
            rows,
            runs=tensors[f"{prefix}.runs"],
            window=schema.window,
            schema=schema,
            **{name: tensors[f"{prefix}.{name}"].to(device) for name in _INDEX},
        )
        for part, prefix in _PARTS.items()
        if f"{prefix}.runs" in tensors
    }
    return Fold(**{"evaluated": parts["validation"], **parts}, scaler=scaler)
