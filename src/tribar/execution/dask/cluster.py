"""Trials on an existing Dask cluster: data reaches each worker once, results are those of one."""

import os
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import distributed
from distributed.comm.core import CommClosedError

from tribar.errors import UserError, listing
from tribar.execution.dask import client as dask_client
from tribar.execution.dask.client import connect
from tribar.execution.dask.environment import describe, differences
from tribar.execution.processes import WorkerDiedError
from tribar.files import hash_files
from tribar.trial.worker import PLACES, Place

P = ParamSpec("P")
T = TypeVar("T")


class DataPlugin(distributed.WorkerPlugin):  # type: ignore[misc]
    """Copies a prepared split to every worker, those that join later too, and once only.

    Args:
        data: folder of the split.
        study: folder of the study.
    """

    def __init__(self, data: Path, study: Path) -> None:
        files = sorted(path for path in data.iterdir() if path.is_file())
        self._study = study
        self._content = {path.name: path.read_bytes() for path in files}
        self._digest = hash_files(files)
        self.name = f"tribar {self._digest} {study}"

    def setup(self, worker: Any) -> None:
        """Write the files below the worker's own directory, named by their content."""
        home = Path(worker.local_directory) / "tribar"
        data = home / self._digest
        if not data.is_dir():
            self._write(data)
        self._content = {}  # the worker keeps the plugin, and has the files
        shared = self._study.is_dir()
        PLACES[self._study] = Place(data, self._study if shared else home / self._study.name)

    def teardown(self, worker: Any) -> None:
        """End the study's trials that still run here, each after its epoch."""
        if place := PLACES.pop(self._study, None):
            place.over.set()

    def _write(self, data: Path) -> None:
        part = data.with_name(f"{data.name}.{os.getpid()}.part")
        part.mkdir(parents=True)
        for name, content in self._content.items():
            (part / name).write_bytes(content)
        if hash_files(sorted(part.iterdir())) != self._digest:
            raise OSError(f"{part}: not what was sent")
        part.rename(data)


class ClusterExecutor(Executor):
    """Runs calls on the cluster; tells a lost worker and a lost scheduler from a failing call."""

    def __init__(self, client: distributed.Client) -> None:
        self._executor = client.get_executor(pure=False)
        self._expected = describe()

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Return the future of `fn(*args, **kwargs)` on some worker."""
        outer: Future[T] = Future()
        inner = self._executor.submit(_run_checked, self._expected, fn, *args, **kwargs)

        def copy_result(done: Future[T]) -> None:
            if outer.cancelled():
                return
            try:
                outer.set_result(done.result())
            except distributed.KilledWorker as error:
                outer.set_exception(WorkerDiedError(f"its cluster workers died ({error})"))
            except (CancelledError, CommClosedError):
                outer.set_exception(_lost())
            except BaseException as error:  # the future hands it on
                outer.set_exception(error)

        inner.add_done_callback(copy_result)
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the cluster, which goes on."""
        self._executor.shutdown(wait=wait and not cancel_futures)


@contextmanager
def open_cluster(address: str, data: Path, study: Path) -> Iterator[Executor]:
    """Yield an executor on the cluster at `address`.

    Args:
        address: `tcp://host:port`, `tls://host:port`, or a scheduler file.
        data: folder of the prepared development split.
        study: folder of the study.

    Raises:
        UserError: no scheduler or no worker answers, or a worker would give other results.
    """
    client = connect(address)
    try:
        _check_workers(client, address)
        plugin = DataPlugin(data, study)
        client.register_plugin(plugin)
        executor = ClusterExecutor(client)
        try:
            yield executor
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
            with suppress(Exception):  # a scheduler that was lost answers nothing
                client.sync(client._unregister_worker_plugin, name=plugin.name, callback_timeout=5)
    finally:
        client.close(timeout=2)


def _check_workers(client: distributed.Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=dask_client.SECONDS)
    except TimeoutError:
        raise UserError(
            f"TRIBAR_CLUSTER: {address} has no worker; start some with `tribar worker {address}`"
        ) from None
    threads = {
        name: one["nthreads"]
        for name, one in client.scheduler_info(n_workers=-1)["workers"].items()
    }
    mine = describe()
    faults = [
        f"{name} {difference}"
        for name, theirs in client.run(describe, on_error="return").items()
        for difference in differences(mine, theirs, threads.get(name, 1))
    ]
    if faults:
        raise UserError(
            f"TRIBAR_CLUSTER: workers whose results would differ: {listing(faults)}; start them "
            f"with `tribar worker {address}` from the same versions"
        )


def _run_checked(
    expected: Mapping[str, str], fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run a call on a worker, one that joined late too, unless its results would differ."""
    faults = list(differences(expected, describe()))
    if faults:
        raise UserError(
            f"TRIBAR_CLUSTER: a worker joined whose results would differ: it {listing(faults)}; "
            "start workers with `tribar worker` from the same versions"
        )
    return fn(*args, **kwargs)


def _lost() -> UserError:
    return UserError(
        "TRIBAR_CLUSTER: the cluster's scheduler was lost; finished trials are saved: start it, or "
        "unset TRIBAR_CLUSTER, and the same command goes on from them"
    )
