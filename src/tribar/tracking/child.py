"""The process that logs: a line when it is ready, an order in, an outcome out, both as JSON."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from types import FrameType

from tribar.errors import one_line
from tribar.tracking.gather.provenance import without_password
from tribar.tracking.process import Order, Outcome
from tribar.tracking.runs import log_run
from tribar.tracking.store import experiment_id, load, open_client


class _OutOfTime(BaseException):
    """No `Exception`, least of all a `TimeoutError`: clients take those for a reason to retry."""


def main() -> None:
    """Load MLflow and say so; then log the order, unless who would give it has ended."""
    load()
    _say("ready")
    # To the end of the line, for the file may never end: processes forked since hold it open.
    if line := sys.stdin.readline():
        _say(json.dumps(asdict(_outcome(Order.from_json(line)))))
    os._exit(0)  # at once: an interpreter that ends waits for threads, and they for the server


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _outcome(order: Order) -> Outcome:
    try:
        with _until(order.until), open_client(order.home) as client:
            experiment = experiment_id(client, order.experiment, order.home)
            return Outcome(log_run(client, order.record, experiment), experiment)
    except _OutOfTime:
        return Outcome(None, reason="it took too long")
    except Exception as error:  # whatever a store raises costs the log alone
        return Outcome(None, reason=without_password(one_line(error)))


@contextmanager
def _until(moment: float | None) -> Iterator[None]:
    """Interrupt what runs here at a moment, in seconds since the epoch."""
    if moment is not None:
        signal.signal(signal.SIGALRM, _give_up)
        signal.setitimer(signal.ITIMER_REAL, max(moment - time.time(), 0.001))
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)


def _give_up(number: int, frame: FrameType | None) -> None:
    raise _OutOfTime


if __name__ == "__main__":
    main()
