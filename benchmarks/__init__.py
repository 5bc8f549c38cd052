"""Measurements that anyone can rerun: `make bench`."""

import os

from tribar import runtime

PEER = "BENCHMARKS_PEER"
"""Set in a peer's process, which runs with threads and instructions of its own choice."""

if PEER not in os.environ:
    runtime.pin()
