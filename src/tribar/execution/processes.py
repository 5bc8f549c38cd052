"""Worker processes that stay warm; one that dies takes nothing but its own trial along."""

import copy
import os
import pickle
import queue
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from multiprocessing import connection, forkserver, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

from tribar.errors import UserError

P = ParamSpec("P")
T = TypeVar("T")
_FORKED = get_context("forkserver")
"""Workers are forked from a process that has imported what they need, and has begun no thread.

A fork of this process, which has, might hang.
"""


class WorkerDiedError(BrokenExecutor):
    """A worker process ended in the middle of a call; says how."""


def start_fork_server(modules: Sequence[str] = ()) -> None:
    """Start the process that workers are forked from, unless there is one.

    It takes seconds to import what they need: called early, it does so beside its parent's own.

    Args:
        modules: to import beside the main one.
    """
    _FORKED.set_forkserver_preload(["__main__", *modules])
    # Started by the fork server it would let Ctrl-C through to that one.
    resource_tracker.ensure_running()
    # Ctrl-C reaches the whole group; the parent decides what it means, and all that come from the
    # server inherit this from their first moment.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class ProcessExecutor(Executor):
    """A fixed number of forked processes, each started by its first call.

    Unlike `concurrent.futures.ProcessPoolExecutor` it knows which call a dying process had, fails
    that one alone, and starts another process for the next.

    Args:
        workers: number of processes.
        modules: that they need.
    """

    def __init__(self, workers: int, modules: Sequence[str] = ()) -> None:
        start_fork_server(modules)
        self._calls: queue.SimpleQueue[tuple[Future[Any], bytes] | None] = queue.SimpleQueue()
        self._slots = [_Slot(self._calls) for _ in range(workers)]

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Return the future of `fn(*args, **kwargs)` in the next free process."""
        future: Future[T] = Future()
        self._calls.put((future, pickle.dumps((fn, args, kwargs))))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, after the calls already submitted unless they are cancelled."""
        if cancel_futures:
            for slot in self._slots:
                slot.kill()
        for _ in self._slots:
            self._calls.put(None)
        if wait:
            for slot in self._slots:
                slot.join()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the processes; at once where the block was left by an error."""
        self.shutdown(cancel_futures=error is not None)


class _Slot(threading.Thread):
    """Hands calls, one after the other, to a process of its own."""

    def __init__(self, calls: "queue.SimpleQueue[tuple[Future[Any], bytes] | None]") -> None:
        super().__init__(daemon=True)
        self._calls = calls
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        self._killed = False
        self._starting = threading.Lock()
        self.start()

    def run(self) -> None:
        while (call := self._calls.get()) is not None:
            future, content = call
            if self._killed:
                future.cancel()
            if future.set_running_or_notify_cancel():
                self._answer(future, content)
        if self._pipe is not None:
            self._pipe.close()

    def kill(self) -> None:
        """End the process at once, and take no further call."""
        with self._starting:
            self._killed = True
            if self._process is not None:
                self._process.kill()

    def _answer(self, future: Future[Any], content: bytes) -> None:
        try:
            pipe = self._pipe or self._open()
        except (OSError, EOFError, UserError) as error:
            future.set_exception(
                UserError(f"a worker process cannot be started ({error}); set TRIBAR_WORKERS=1")
            )
            return
        try:
            pipe.send_bytes(content)
            succeeded, result = pipe.recv()
        except (EOFError, OSError):
            future.set_exception(self._worker_died())
        except Exception as error:  # an answer that cannot be read is the call's own fault
            future.set_exception(error)
        else:
            (future.set_result if succeeded else future.set_exception)(result)

    def _open(self) -> Connection:
        ours, theirs = _FORKED.Pipe()
        with self._starting, theirs:
            if self._killed:
                raise UserError("the study ends")
            process = _FORKED.Process(target=_serve, args=(theirs,), daemon=True)
            process.start()
            self._process, self._pipe = process, ours
        return ours

    def _worker_died(self) -> WorkerDiedError:
        assert self._process is not None
        self._process.join()
        code = self._process.exitcode or 0
        self._pipe = self._process = None
        return WorkerDiedError(f"its worker process ended by {_ending(code)}")


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:  # a real-time signal has no name
        return f"signal {-code}"


def _serve(pipe: Connection) -> None:
    """Answer calls until the pipe or the parent is gone."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            fn, args, kwargs = pipe.recv()
        except EOFError:
            return
        try:
            answer = pickle.dumps((True, fn(*args, **kwargs)))
        except BaseException as error:  # the future hands it on
            answer = _failure(error)
        pipe.send_bytes(answer)


def _failure(error: BaseException) -> bytes:
    """Return the answer that hands an error on, as its words where it does not survive the way."""
    try:
        copy.copy(error)  # takes the steps that the other side will take
        return pickle.dumps((False, error))
    except Exception:
        return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))


def _end_with_parent() -> None:
    """Wait for the parent's end, however it comes, and follow it in the middle of a trial."""
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)
