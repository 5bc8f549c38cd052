"""MLflow's own pages on the logged runs."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tribar.errors import UserError
from tribar.tracking.gather.provenance import without_password
from tribar.tracking.store import experiments, open_client, page, tracking_uri

HOST = "127.0.0.1"


def open_ui(home: Path, port: int, say: Callable[[str], None]) -> None:
    """Serve the store on the loopback address until interrupted, and say where to look.

    Raises:
        UserError: the runs are on a server that serves itself, or the port is taken.
    """
    uri = tracking_uri(home)
    if uri.startswith("http"):
        server = f"the server that MLFLOW_TRACKING_URI names; open {without_password(uri)}"
        raise UserError(f"the runs are on {server}")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise UserError(f"port {port} is taken; name another: tribar ui --port 5001") from None
    with open_client(home) as client:
        for name, number in experiments(client).items():
            say(f"{name}: {page(f'http://{HOST}:{port}', number)}")
    subprocess.run(
        [
            *(sys.executable, "-m", "mlflow", "server"),
            *("--backend-store-uri", uri),
            *("--host", HOST, "--port", str(port)),
        ],
        check=True,
    )
