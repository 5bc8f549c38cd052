"""Logs in a process of its own: whatever a server does, it costs so many seconds and the log."""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from pydantic import TypeAdapter, ValidationError

import tribar
from tribar.tracking.gather.provenance import without_password
from tribar.tracking.record import PipelineRecord
from tribar.tracking.store import page, tracking_uri

LIMIT = 10.0
"""Seconds that a log on a server may take in all."""
_TO_END = 1.5
"""Of them, those in which a run that is given up can still be marked as failed."""


@dataclass(frozen=True)
class Order:
    """What the process is asked to log.

    Attributes:
        record: the run.
        experiment: name of the experiment.
        home: the repository that keeps the store.
        until: when to give up, in seconds since the epoch; None for a store that is a file.
    """

    record: PipelineRecord
    experiment: str
    home: Path
    until: float | None

    def to_json(self) -> str:
        """Return the order as a line."""
        return json.dumps(asdict(self), default=str) + "\n"

    @classmethod
    def from_json(cls, line: str) -> Self:
        """Return the order that `to_json` described."""
        return TypeAdapter(cls).validate_python(json.loads(line))


@dataclass(frozen=True)
class Outcome:
    """What came of an order: the ids of the run and its experiment, or why there are none."""

    run_id: str | None
    experiment_id: str = ""
    reason: str = ""


@dataclass(frozen=True)
class TrackingResult:
    """Whether a run was logged, its id, and a line for the console."""

    run_id: str | None
    message: str


class LogProcess:
    """A process that is ready to log by the time that there is something to log.

    It loads MLflow from the moment that it is made, and ends with the one that made it.
    """

    def __init__(self, home: Path, experiment: str) -> None:
        """Start it.

        Args:
            home: the repository that keeps the store.
            experiment: name of the experiment.
        """
        self._home, self._experiment = home, experiment
        code = str(Path(tribar.__file__).parents[1])
        path = os.pathsep.join([code, *filter(None, [os.environ.get("PYTHONPATH")])])
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tribar.tracking.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": path},
        )

    def log(self, record: PipelineRecord, seconds: float = LIMIT) -> TrackingResult:
        """Log a run, and end; a store that fails is reported and costs the log alone.

        Args:
            record: what to log.
            seconds: that a server may take in all; a store that is a file takes what it needs.
        """
        uri, began = tracking_uri(self._home), time.time()
        limit = None if uri.startswith("sqlite:") else seconds
        outcome = self._outcome(record, limit)
        shown = without_password(uri)
        if not outcome.run_id:
            safe = "results are safe, and `tribar track` logs them"
            return TrackingResult(
                None, f"tracking: not logged to {shown} ({outcome.reason}); {safe}"
            )
        place = page(shown, outcome.experiment_id, outcome.run_id)
        took = _took(time.time() - began, record.trials_seconds)
        return TrackingResult(outcome.run_id, f"tracking: run {outcome.run_id} in {place}, {took}")

    def _outcome(self, record: PipelineRecord, limit: float | None) -> Outcome:
        assert self._process.stdout is not None
        self._process.stdout.readline()  # it is ready, or has ended
        until = None if limit is None else time.time() + max(limit - _TO_END, 0.0)
        order = Order(record, self._experiment, self._home, until)
        try:
            out, said = self._process.communicate(order.to_json(), limit)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return Outcome(None, reason=f"not done after {limit:g} s")
        try:
            return TypeAdapter(Outcome).validate_json(out.splitlines()[-1])
        except (ValidationError, IndexError):
            return Outcome(None, reason=(said.strip().splitlines() or ["no answer"])[-1])


def _took(seconds: float, trials: float | None) -> str:
    """Return how long a log took, beside the trials of which that is known.

    >>> _took(2.0, 80.0)
    "2.0 s (2.5 % of the trials')"
    """
    share = f" ({100 * seconds / trials:.1f} % of the trials')" if trials else ""
    return f"{seconds:.1f} s{share}"
