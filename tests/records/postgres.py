"""A PostgreSQL server of a test's own, on the loopback address."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


def binaries() -> Path | None:
    """Return the folder of the server's programs; None where they are missing."""
    on_path = shutil.which("initdb")
    found = [Path(on_path)] if on_path else sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass(frozen=True)
class Server:
    """A server with one database and one user, both named `tester`.

    Attributes:
        programs: folder of `initdb` and `pg_ctl`.
        folder: holds the data, the socket and the log.
        port: on the loopback address.
    """

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        """Return SQLAlchemy's URL of the database."""
        return f"postgresql+psycopg://tester@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        self.run("pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a power cut would."""
        self.run("pg_ctl", "-w", "-m", "immediate", "stop")

    def run(self, program: str, *arguments: str) -> None:
        """Run a program of the server's on its data, never as root, which the server refuses."""
        as_other = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
        data = ("-D", str(self.folder / "data"))
        subprocess.run(
            [*as_other, str(self.programs / program), *data, *arguments],
            cwd=self.folder,
            check=True,
            stdout=subprocess.DEVNULL,
        )


@contextmanager
def serve(programs: Path) -> Iterator[Server]:
    """Yield a running server, and remove it afterwards."""
    with tempfile.TemporaryDirectory(prefix="tribar-pg-") as name:
        if os.geteuid() == 0:
            os.chown(name, pwd.getpwnam("postgres").pw_uid, -1)
        server = Server(programs, Path(name), free_port())
        server.run("initdb", "-U", "tester", "--auth=trust", "--no-sync")
        server.start()
        try:
            yield server
        finally:
            if (server.folder / "data/postmaster.pid").exists():
                server.stop()
