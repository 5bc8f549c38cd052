"""Our study, begun as `tribar tune` begins one: its workers import what they need beside it."""

import importlib

from tribar.execution.executors import MODULES, expect_workers

if __name__ == "__main__":
    expect_workers(MODULES["tune"])
    importlib.import_module("benchmarks.peers.our_study").main()
