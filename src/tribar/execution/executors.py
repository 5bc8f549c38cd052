"""Where trials run. Which executor it is cannot change a result."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar

import psutil

from tribar.errors import UserError
from tribar.execution.processes import ProcessExecutor, start_fork_server

P = ParamSpec("P")
T = TypeVar("T")
TRAINING = ("tribar.trial.worker",)
"""What trains networks."""


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
    most: int, data: Path, study: Path, modules: Sequence[str] = TRAINING
) -> Iterator[Executor]:
    """Yield what runs the trials: a Dask cluster, this process, or `TRIBAR_WORKERS` others.

    Args:
        most: trials that may run at once, and so the most workers that are of use.
        data: folder of the prepared development split.
        study: folder of the study.
        modules: that worker processes import before their first trial.

    Raises:
        UserError: `TRIBAR_WORKERS` is no positive number, or `TRIBAR_CLUSTER` cannot be used.
    """
    workers = min(wanted_workers(), most)
    if address := os.environ.get("TRIBAR_CLUSTER"):
        with _cluster(address, data, study) as executor:
            yield executor
    elif workers == 1:
        yield InlineExecutor()
    else:
        with ProcessExecutor(workers, modules) as executor:
            yield executor


def _cluster(address: str, data: Path, study: Path) -> AbstractContextManager[Executor]:
    try:
        from tribar.execution.dask.cluster import open_cluster
    except ModuleNotFoundError as error:
        raise UserError(
            f"TRIBAR_CLUSTER: {error.name} is not installed; pip install 'tribar[cluster]', or "
            "unset it to use this machine"
        ) from None
    return open_cluster(address, data, study)


def expect_workers() -> None:
    """Let the worker processes of a coming study, if it will have any, be prepared meanwhile."""
    if trials_here(2) > 1:
        start_fork_server(TRAINING)


def trials_here(most: int) -> int:
    """Return how many trials this machine runs at once, of `most`; a cluster runs its elsewhere."""
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
