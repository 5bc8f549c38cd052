"""A worker of a Dask cluster as the study needs it: one thread, in the pinned environment."""

import os
import sys

CERTIFICATES = ("TRIBAR_CLUSTER_CA", "TRIBAR_CLUSTER_CERT", "TRIBAR_CLUSTER_KEY")
"""Names the PEM files of a cluster's authority, certificate and key; else Dask's settings count."""
_OPTIONS = ("--tls-ca-file", "--tls-cert", "--tls-key")


def serve(scheduler: str) -> None:
    """Become a worker of the scheduler at a URL or in a scheduler file; does not return."""
    where = [scheduler] if "://" in scheduler else ["--scheduler-file", scheduler]
    secured = [
        part
        for option, name in zip(_OPTIONS, CERTIFICATES, strict=True)
        if os.environ.get(name)
        for part in (option, os.environ[name])
    ]
    # Dask's own limit would pause a worker in the middle of a study, which then never ends.
    one = ["--nthreads", "1", "--nworkers", "1", "--memory-limit", "0", "--no-dashboard"]
    command = [sys.executable, "-m", "distributed.cli.dask_worker", *where, *one, *secured]
    os.execv(sys.executable, command)
