"""Worker processes that stay warm; one that dies takes nothing but its own trial along."""

import os
import pickle
import queue
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from multiprocessing import connection, get_context, parent_process
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_SPAWN = get_context("spawn")
"""A fork of a process that holds threads, as torch's does, may hang."""


class WorkerDiedError(BrokenExecutor):
    """A worker process ended in the middle of a call; says how."""


class ProcessExecutor(Executor):
    """A fixed number of spawned processes, each started by its first call.

    Unlike `concurrent.futures.ProcessPoolExecutor` it knows which call a dying process had, fails
    that one alone, and starts another process for the next.

    Args:
        workers: number of processes.
    """

    def __init__(self, workers: int) -> None:
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
        self.start()

    def run(self) -> None:
        while (call := self._calls.get()) is not None:
            future, content = call
            if self._killed or not future.set_running_or_notify_cancel():
                continue
            try:
                succeeded, result = self._call(content)
            except (EOFError, OSError):
                future.set_exception(self._buried())
                continue
            if succeeded:
                future.set_result(result)
            else:
                future.set_exception(result)
        if self._pipe is not None:
            self._pipe.close()

    def kill(self) -> None:
        """End the process at once, and take no further call."""
        self._killed = True
        if self._process is not None:
            self._process.kill()

    def _call(self, content: bytes) -> tuple[bool, Any]:
        if self._pipe is None:
            self._pipe, theirs = _SPAWN.Pipe()
            self._process = _SPAWN.Process(target=_serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        self._pipe.send_bytes(content)
        answer: tuple[bool, Any] = self._pipe.recv()
        return answer

    def _buried(self) -> WorkerDiedError:
        assert self._process is not None
        self._process.join()
        code = self._process.exitcode or 0
        self._pipe = self._process = None
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return WorkerDiedError(f"its worker process ended by {how}")


def _serve(pipe: Connection) -> None:
    """Answer calls until the pipe or the parent is gone."""
    # Ctrl-C reaches the whole group; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            fn, args, kwargs = pipe.recv()
        except EOFError:
            return
        try:
            answer = pickle.dumps((True, fn(*args, **kwargs)))
        except BaseException as error:  # the future hands it on
            answer = pickle.dumps((False, error))
        pipe.send_bytes(answer)


def _end_with_parent() -> None:
    """Wait for the parent's end, however it comes, and follow it in the middle of a trial."""
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)
