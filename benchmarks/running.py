"""A study in processes of its own: what it tells, and the most memory that they held."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks import PEER
from benchmarks.peers.logbook import Logbook, Story, has_ended
from tribar.runtime import PINS

ROOT = Path(__file__).parents[1]
OURS = "ours"
INTERVAL = 1.0
"""Seconds between two looks at the memory: each costs the cores that are being timed."""
LIMIT = 3600.0
"""Seconds after which a study is given up."""


@dataclass(frozen=True)
class Finished:
    """A finished study, and the peak memory of all its processes in megabytes."""

    story: Story
    peak: float


def run(module: str, data: Path, *options: str, **variables: str) -> Finished:
    """Run one of `benchmarks.peers`; a peer's processes are free of our pins.

    Args:
        module: its name.
        data: the prepared sample.
        options: for its command line.
        variables: added to its environment.

    Raises:
        RuntimeError: it failed, or took too long; with the end of what it said.
    """
    environment = {name: x for name, x in os.environ.items() if name not in PINS}
    environment |= {"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PYTHONWARNINGS": "ignore"}
    environment |= variables if module == OURS else {PEER: "1", **variables}
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile("w+") as said:
        command = [sys.executable, "-m", f"benchmarks.peers.{module}", str(data), name, *options]
        Logbook(Path(name)).write(event="begin")
        started = subprocess.Popen(
            command, cwd=ROOT if module == OURS else name, env=environment, stdout=said,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            peak = _peak_megabytes(started, Path(name))
        finally:
            with suppress(ProcessLookupError):  # those that an interrupted study leaves behind
                os.killpg(started.pid, signal.SIGKILL)
        if started.returncode:
            said.seek(0)
            raise RuntimeError(f"{command} ended with {started.returncode}: {said.read()[-2000:]}")
        return Finished(Story.of(Path(name)), peak)


def _peak_megabytes(started: "subprocess.Popen[bytes]", folder: Path) -> float:
    """Wait for a study; return the most memory that it and its children held at once.

    A page that several share counts once (proportional set size); the scoring of the winner, after
    the study, does not count.
    """
    whole, peak, until = psutil.Process(started.pid), 0.0, time.monotonic() + LIMIT
    while started.poll() is None and time.monotonic() < until:
        if not has_ended(folder):
            peak = max(peak, sum(_megabytes(one) for one in _family(whole)))
        time.sleep(INTERVAL)
    if started.poll() is None:
        raise RuntimeError(f"{started.args!r} did not end in {LIMIT:g} seconds")
    return peak


def _family(whole: psutil.Process) -> list[psutil.Process]:
    try:
        return [whole, *whole.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _megabytes(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss) / 2**20
    except psutil.Error:
        return 0.0
