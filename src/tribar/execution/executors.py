"""Where trials, trainings and predictions run. Which executor it is cannot change a result."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil

from tribar.errors import UserError
from tribar.execution.processes import ProcessExecutor, start_fork_server

P = ParamSpec("P")
A = TypeVar("A")
T = TypeVar("T")
TRIALS = ("tribar.trial.worker",)
"""What worker processes import to run a study's trials."""
MODULES = {
    "train-baseline": ("tribar.ensemble.fold_training",),
    "tune": TRIALS,
    "train-best": ("tribar.ensemble.fold_training", "tribar.stages.train_best.references"),
    "refit": ("tribar.ensemble.refitting",),
    "evaluate": ("tribar.stages.evaluate.predictions",),
}
"""What worker processes import, by stage."""

EVERYTHING = tuple(dict.fromkeys(name for names in MODULES.values() for name in names))
"""What those import that serve several stages, one after the other."""


class InlineExecutor(Executor):
    """Runs each call at once, in this process."""

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Return the finished future of `fn(*args, **kwargs)`."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # the future hands it on, as every executor's does
            future.set_exception(error)
        return future


@contextmanager
def open_executor(
    most: int, folders: Sequence[Path], home: Path, modules: Sequence[str] = TRIALS
) -> Iterator[Executor]:
    """Yield what runs calls: a Dask cluster, this process, or `TRIBAR_WORKERS` others.

    Args:
        most: calls that may run at once, and so the most workers that are of use.
        folders: that the calls read, such as the prepared development split.
        home: folder that they keep their own files in, as that of a study.
        modules: that worker processes import before their first call.

    Raises:
        UserError: `TRIBAR_WORKERS` is no positive number, or `TRIBAR_CLUSTER` cannot be used.
    """
    workers = min(wanted_workers(), most)
    if address := os.environ.get("TRIBAR_CLUSTER"):
        with _cluster(address, folders, home) as executor:
            yield executor
    elif workers == 1:
        yield InlineExecutor()
    else:
        with ProcessExecutor(workers, modules) as executor:
            yield executor


def _cluster(address: str, folders: Sequence[Path], home: Path) -> AbstractContextManager[Executor]:
    try:
        from tribar.execution.dask.cluster import open_cluster
    except ModuleNotFoundError as error:
        raise UserError(
            f"TRIBAR_CLUSTER: {error.name} is not installed; pip install 'tribar[cluster]', or "
            "unset it to use this machine"
        ) from None
    return open_cluster(address, folders, home)


def run_all(executor: Executor, fn: Callable[[A], T], calls: Sequence[A]) -> list[T]:
    """Return what `fn` makes of each call, in their order; one whose worker died runs again once.

    Raises:
        UserError: the workers of a call died twice.
    """
    futures = [executor.submit(fn, call) for call in calls]
    found = []
    for call, future in zip(calls, futures, strict=True):
        try:
            found.append(future.result())
        except BrokenExecutor:
            found.append(_run_again(executor, fn, call))
    return found


def _run_again(executor: Executor, fn: Callable[[A], T], call: A) -> T:
    try:
        return executor.submit(fn, call).result()
    except BrokenExecutor as error:
        raise UserError(f"{error}, twice; give it more memory, or use fewer workers") from None


def expect_workers(modules: Sequence[str]) -> None:
    """Let worker processes that will need these modules, if there will be any, be prepared."""
    if modules and here_at_once(2) > 1:
        start_fork_server(modules)


def here_at_once(most: int) -> int:
    """Return how many of `most` calls this machine runs at once; a cluster runs its elsewhere."""
    return 1 if os.environ.get("TRIBAR_CLUSTER") else min(wanted_workers(), most)


def wanted_workers() -> int:
    """Return `TRIBAR_WORKERS`, else the number of physical cores."""
    text = os.environ.get("TRIBAR_WORKERS", "")
    if not text:
        return psutil.cpu_count(logical=False) or 1
    if not text.isdecimal() or int(text) == 0:
        raise UserError(
            f"TRIBAR_WORKERS: {text!r} is no number of workers; write 1 or more, or unset it "
            "for one a physical core"
        )
    return int(text)
