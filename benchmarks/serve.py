"""How long `tribar serve` takes for what one decision needs, and what 50 clients at once cost."""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import psutil

from benchmarks.records import Record, alone, write
from benchmarks.sample import read

WARM, REQUESTS, CLIENTS = 50, 500, 50
SECONDS_WARM, SECONDS = 15.0, 60.0
MILLISECONDS, MEGABYTES = 25.0, 10.0
HARDLY_TRAINED = ("training.max_epochs=1",)
"""The networks are as large as the committed ones, and what they say does not matter here."""


def measure() -> list[Record]:
    """Return the figures of a server on one core, which sequential requests share with it."""
    cores = os.sched_getaffinity(0)
    with tempfile.TemporaryDirectory() as name:
        model = _train(Path(name))
        os.sched_setaffinity(0, {max(cores)})
        try:
            with _serving(model) as (port, server):
                body, bars = _body(port)
                found = _sequential(port, server, body, bars)
                os.sched_setaffinity(0, cores)
                return [*found, *_parallel(port, server, body)]
        finally:
            os.sched_setaffinity(0, cores)


def _train(folder: Path) -> Path:
    options = [part for one in HARDLY_TRAINED for part in ("-S", one)]
    for stage in ("prepare", "train-baseline"):
        command = [sys.executable, "-m", "tribar", stage, *options, "--output", str(folder)]
        environment = {**os.environ, "DVC_ROOT": str(folder)}
        subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return folder / "models/baseline"


@contextmanager
def _serving(model: Path) -> Iterator[tuple[int, psutil.Process]]:
    """Yield the port and the process of a server."""
    command = [sys.executable, "-m", "tribar", "serve", "--model", str(model), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            line = next(one for one in started.stdout if one.startswith("POST"))
            port = int(line.rpartition(":")[2].partition(";")[0])
            yield port, psutil.Process(started.pid)
        finally:
            started.terminate()


def _body(port: int) -> tuple[bytes, int]:
    """Return the request for one symbol, and how many bars it has."""
    with _connected(port) as connection:
        connection.request("GET", "/health")
        needed = json.loads(connection.getresponse().read())["needed_bars"]
    bars = pd.read_csv(read().prepare.source)
    rows = bars[bars["symbol"] == "SP500"].tail(needed).to_dict("records")
    return json.dumps({"bars": rows}).encode(), needed


@contextmanager
def _connected(port: int) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    yield connection
    connection.close()


def _ask(connection: http.client.HTTPConnection, body: bytes) -> float:
    """Return the milliseconds of one request.

    Raises:
        RuntimeError: it was not answered by a forecast.
    """
    begin = time.perf_counter()
    connection.request("POST", "/forecast", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    content = response.read()
    if response.status != 200:
        raise RuntimeError(content.decode())
    return 1000 * (time.perf_counter() - begin)


def _sequential(port: int, server: psutil.Process, body: bytes, bars: int) -> list[Record]:
    with _connected(port) as connection:
        for _ in range(WARM):
            _ask(connection, body)
        before = _processor_ms(server)
        taken = [_ask(connection, body) for _ in range(REQUESTS)]
        processor = (_processor_ms(server) - before) / REQUESTS
    p95 = statistics.quantiles(taken, n=20)[-1]
    work = f"{REQUESTS} sequential requests of {bars} bars on one core, HTTP included"
    met = p95 <= MILLISECONDS
    return [
        Record(f"{work}: p95", p95, None, None, "ms", None, MILLISECONDS, met),
        alone(f"{work}: p50", statistics.median(taken), "ms"),
        alone(f"{work}: processor time of the server a request", processor, "ms"),
    ]


def _processor_ms(server: psutil.Process) -> float:
    times = server.cpu_times()
    return 1000 * float(times.user + times.system)


def _parallel(port: int, server: psutil.Process, body: bytes) -> list[Record]:
    _ask_at_once(port, body, SECONDS_WARM)
    before = server.memory_info().rss
    answered = _ask_at_once(port, body, SECONDS)
    growth = (server.memory_info().rss - before) / 2**20
    work = f"{CLIENTS} clients at once for {SECONDS:g} s, none sent away"
    met = growth <= MEGABYTES
    return [
        Record(f"{work}: growth of memory", growth, None, None, "MB", None, MEGABYTES, met),
        alone(f"{work}: memory", before / 2**20, "MB"),
        alone(f"{work}: forecasts a second", answered / SECONDS, "a second"),
    ]


def _ask_at_once(port: int, body: bytes, seconds: float) -> int:
    """Return how many requests are answered; one that is not ends the benchmark."""
    until = time.monotonic() + seconds

    def client(_: int) -> int:
        count = 0
        with _connected(port) as connection:
            while time.monotonic() < until:
                _ask(connection, body)
                count += 1
        return count

    with ThreadPoolExecutor(CLIENTS) as clients:
        return sum(clients.map(client, range(CLIENTS)))


if __name__ == "__main__":
    write("serve", measure())
