"""MLflow servers on the loopback address: a real one, and one that answers late or never."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """A real server, with its folder of artifacts and its process group."""

    address: str
    artifacts: Path
    group: int

    def kill(self) -> None:
        """End it at once, with all its processes."""
        with suppress(ProcessLookupError):
            os.killpg(self.group, signal.SIGKILL)


@contextmanager
def real_server(folder: Path) -> Iterator[Server]:
    """Yield a server whose store lies in a folder."""
    port, artifacts = free_port(), folder / "artifacts"
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlflow", "server", "--host", HOST, "--workers", "1"),
            *("--port", str(port), "--backend-store-uri", f"sqlite:///{folder}/server.db"),
            *("--artifacts-destination", str(artifacts)),
        ],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    server = Server(f"http://{HOST}:{port}", artifacts, process.pid)
    try:
        wait_for(server.address, process)
        yield server
    finally:
        server.kill()
        process.wait()


@contextmanager
def late_server(address: str, seconds: float) -> Iterator[str]:
    """Yield the address of one that passes everything on to another, each request so late."""
    host, port = address.removeprefix("http://").split(":")
    with socket.create_server((HOST, 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    here, _ = listening.accept()
                    there = socket.create_connection((host, int(port)))
                    for pair, late in (((here, there), seconds), ((there, here), 0.0)):
                        threading.Thread(target=_pass_on, args=(*pair, late), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://{HOST}:{listening.getsockname()[1]}"


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def wait_for(address: str, process: subprocess.Popen[Any]) -> None:
    """Wait until a server answers."""
    for _ in range(400):
        try:
            urllib.request.urlopen(f"{address}/health", timeout=2)
        except OSError:
            assert process.poll() is None, "the server ended"
            time.sleep(0.3)
        else:
            return
    raise AssertionError(f"{address} does not answer")


def _pass_on(source: socket.socket, target: socket.socket, late: float) -> None:
    with suppress(OSError), source, target:
        while data := source.recv(1 << 16):
            time.sleep(late)
            target.sendall(data)
