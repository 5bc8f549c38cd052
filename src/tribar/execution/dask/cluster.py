"""Trials on an existing Dask cluster: data reaches each worker once, results are those of one."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from tribar.files import hash_folder, hash_text
from tribar.model.places import PLACES, Place

P = ParamSpec("P")
T = TypeVar("T")


class FoldersPlugin(distributed.WorkerPlugin):  # type: ignore[misc]
    """Copies folders to every worker, those that join later too, and once only.

    Args:
        folders: what is run reads them.
        home: folder that a run keeps its own files in.
    """

    def __init__(self, folders: Sequence[Path], home: Path) -> None:
        self._home = home
        self._contents = {folder: _read(folder) for folder in folders}
        self._digests = {folder: hash_folder(folder) for folder in folders}
        self.name = f"tribar {hash_text(repr(self._digests))} {home}"

    def setup(self, worker: Any) -> None:
        """Write the files below the worker's own directory, named by their content."""
        kept = Path(worker.local_directory) / "tribar"
        for folder, content in self._contents.items():
            _write(content, kept / self._digests[folder], self._digests[folder])
        self._contents = {}  # the worker keeps the plugin, and has the files
        folders = {folder: kept / digest for folder, digest in self._digests.items()}
        if not self._home.is_dir():
            folders[self._home] = kept / self._home.name
        PLACES[self._home] = Place(folders)

    def teardown(self, worker: Any) -> None:
        """End what still runs here for this run, each after its epoch."""
        if place := PLACES.pop(self._home, None):
            place.over.set()


def _read(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def _write(content: Mapping[str, bytes], folder: Path, digest: str) -> None:
    if folder.is_dir():
        return
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    part.mkdir(parents=True)
    for name, one in content.items():
        (part / name).write_bytes(one)
    if hash_folder(part) != digest:
        raise OSError(f"{part}: not what was sent")
    part.rename(folder)


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
def open_cluster(address: str, folders: Sequence[Path], home: Path) -> Iterator[Executor]:
    """Yield an executor on the cluster at `address`.

    Args:
        address: `tcp://host:port`, `tls://host:port`, or a scheduler file.
        folders: what is run reads them.
        home: folder that the run keeps its own files in.

    Raises:
        UserError: no scheduler or no worker answers, or a worker would give other results.
    """
    client = connect(address)
    try:
        _check_workers(client, address)
        plugin = FoldersPlugin(folders, home)
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
