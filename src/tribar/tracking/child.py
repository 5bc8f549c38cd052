"""The process that logs: a line when it is ready, an order in, an outcome out, both as JSON."""

import json
import signal
import sys
import time
from dataclasses import asdict
from types import FrameType

from pydantic import TypeAdapter

from tribar.errors import one_line
from tribar.tracking.process import Order, Outcome
from tribar.tracking.runs import log_run
from tribar.tracking.store import experiment_id, load, open_client


def main() -> None:
    """Load MLflow and say so; then log the order, unless who would give it has ended."""
    load()
    _say("ready")
    # To the end of the line, for the file may never end: processes forked since hold it open.
    if line := sys.stdin.readline():
        order = TypeAdapter(Order).validate_python(json.loads(line))
        _say(json.dumps(asdict(_outcome(order))))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _outcome(order: Order) -> Outcome:
    if order.until is not None:
        signal.signal(signal.SIGALRM, _give_up)
        signal.setitimer(signal.ITIMER_REAL, max(order.until - time.time(), 0.001))
    try:
        with open_client(order.home) as client:
            experiment = experiment_id(client, order.experiment, order.home)
            return Outcome(log_run(client, order.record, experiment), experiment)
    except Exception as error:  # whatever a store raises must not cost the pipeline its results
        return Outcome(None, reason=one_line(error))


def _give_up(number: int, frame: FrameType | None) -> None:
    raise TimeoutError("no time left")


if __name__ == "__main__":
    main()
