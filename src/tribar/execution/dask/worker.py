"""A worker of a Dask cluster as the study needs it: one thread, in the pinned environment."""

import os
import sys


def serve(scheduler: str) -> None:
    """Become a worker of the scheduler at a URL or in a scheduler file; does not return."""
    where = [scheduler] if "://" in scheduler else ["--scheduler-file", scheduler]
    # Dask's own limit would pause a worker in the middle of a study, which then never ends.
    one = ["--nthreads", "1", "--nworkers", "1", "--memory-limit", "0", "--no-dashboard"]
    command = [sys.executable, "-m", "distributed.cli.dask_worker", *where, *one]
    os.execv(sys.executable, command)
