"""Forks of one process that has loaded the libraries of `tribar`: their start is paid for once.

A child runs the real command line, from its arguments to its exit, and has begun no thread before.
"""

import atexit
import gc
import json
import os
import subprocess
import sys
import traceback
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import NoReturn

LOADED = (
    *("tribar.cli", "tribar.stages.prepare", "tribar.stages.train_baseline"),
    *("tribar.stages.tune.run", "tribar.stages.train_best.run", "tribar.stages.evaluate.run"),
    "tribar.stages.report.run",
)


def run_in_fork(
    arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], out: Path, err: Path
) -> int:
    """Run `tribar`, its output in two files; return its exit code, 128 + N after signal N."""
    server = _server()
    assert server.stdin
    assert server.stdout
    asked = [list(arguments), str(cwd), dict(environment), str(out), str(err)]
    server.stdin.write(json.dumps(asked) + "\n")
    server.stdin.flush()
    return int(server.stdout.readline())


@cache
def _server() -> subprocess.Popen[str]:
    """Return the process that forks; it ends with this one."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.forking"],
        cwd=Path(__file__).parents[1],
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    atexit.register(server.kill)
    return server


def _serve() -> None:
    """Fork for each line of the input, and answer with the exit code."""
    import_module("tribar.runtime").pin()
    os.environ["JE_ARROW_MALLOC_CONF"] = "background_thread:false"
    for name in LOADED:
        import_module(name)
    assert len(list(Path("/proc/self/task").iterdir())) == 1, (
        "a fork of a process with threads may hang"
    )
    gc.freeze()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become_tribar(*json.loads(line))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(128 - code if code < 0 else code, flush=True)


def _become_tribar(
    arguments: list[str], cwd: str, environment: dict[str, str], out: str, err: str
) -> NoReturn:
    for number, path in ((0, os.devnull), (1, out), (2, err)):
        flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        os.dup2(os.open(path, flags), number)
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["tribar", *arguments]
    code = 0
    try:
        import_module("tribar.cli").main()
    except SystemExit as end:
        code = int(end.code or 0)
    except BaseException:
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # tearing down all that was loaded takes a second


if __name__ == "__main__":
    _serve()
