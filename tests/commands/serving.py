"""A running `tribar serve`, and clients of it."""

import http.client
import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import psutil

from tests.running import ROOT, press_ctrl_c, start

JSON, CSV = "application/json", "text/csv"
CLIENTS = 50
Answer = tuple[int, dict[str, Any]]


@dataclass(frozen=True)
class Running:
    """A server on a port of this machine."""

    port: int
    pid: int

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def post(self, path: str, body: Any, kind: str = JSON, **headers: str) -> Answer:
        connection = self.connect()
        connection.request("POST", path, body, {"Content-Type": kind, **headers})
        return _answer(connection)

    def get(self, path: str) -> Answer:
        connection = self.connect()
        connection.request("GET", path)
        return _answer(connection)

    def post_until(self, status: int, body: str) -> bool:
        """Return whether a forecast ends with a status, now or within five seconds."""
        for _ in range(50):
            if self.post("/forecast", body)[0] == status:
                return True
            time.sleep(0.1)
        return False

    def megabytes(self) -> float:
        """Return what the server holds."""
        return float(psutil.Process(self.pid).memory_info().rss / 2**20)

    def ask_in_parallel(self, body: str, times: int, seconds: float) -> list[Answer]:
        """Return what 50 clients are told, each so many times, or for so long."""
        until = time.monotonic() + seconds
        with ThreadPoolExecutor(CLIENTS) as clients:
            asked = [clients.submit(self._ask, body, times, until) for _ in range(CLIENTS)]
            return [answer for one in asked for answer in one.result()]

    def _ask(self, body: str, times: int, until: float) -> list[Answer]:
        """Return the answers to one request after the other on one connection."""
        connection = self.connect()
        found: list[Answer] = []
        while len(found) < times and time.monotonic() < until:
            connection.request("POST", "/forecast", body, {"Content-Type": JSON})
            response = connection.getresponse()
            found.append((response.status, json.loads(response.read())))
        connection.close()
        return found


def _answer(connection: http.client.HTTPConnection) -> Answer:
    response = connection.getresponse()
    content = json.loads(response.read())
    connection.close()
    return response.status, content


@contextmanager
def serving(model: Path, *arguments: str, cwd: Path = ROOT) -> Iterator[tuple[Running, list[str]]]:
    """Yield a server of a model and what it says; at its end it must have told of no fault."""
    process = start("serve", "--model", str(model), "--port", "0", *arguments, cwd=cwd)
    said = list(_said(process))
    try:
        port = said[-1].rpartition(":")[2].partition(";")[0]
        yield Running(int(port), process.pid), said
    finally:
        assert press_ctrl_c(process, code=0) == ""


def _said(process: "subprocess.Popen[str]") -> Iterator[str]:
    """Yield the lines up to that which says where it listens."""
    assert process.stdout is not None
    for line in process.stdout:
        yield line
        if line.startswith("POST"):
            return


def split(bars: pd.DataFrame) -> dict[str, Any]:
    """Return bars as their columns' names beside their rows."""
    return {"columns": list(bars), "data": bars.to_numpy(object).tolist()}


def body(bars: pd.DataFrame, **options: Any) -> str:
    """Return the body of a request."""
    return json.dumps({"bars": split(bars), **options})
