"""The way to an existing Dask cluster: its address and its protocol."""

import json
import logging
import socket
from pathlib import Path

import distributed
from distributed.security import Security

from tribar.errors import UserError, one_line

SECONDS = 30
"""How long to wait for a scheduler, and then for its first worker."""


def connect(address: str) -> distributed.Client:
    """Return a client of the scheduler at `address`.

    Args:
        address: `tcp://host:port`, `tls://host:port`, or a scheduler file.

    Raises:
        UserError: no scheduler answers there, or the certificates for it are missing.
    """
    for name in list(logging.root.manager.loggerDict):
        # What goes wrong is said once, in words; Dask logs each broken connection with its trace.
        if name.partition(".")[0] in ("asyncio", "distributed", "tornado"):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    is_url = address.startswith(("tcp://", "tls://"))
    if not is_url and not Path(address).is_file():
        raise UserError(
            f"TRIBAR_CLUSTER: {address!r} is neither tcp://host:port nor tls://host:port, nor a "
            "scheduler file that exists; mend it, or unset it to use this machine"
        )
    where: dict[str, object] = {"address": address} if is_url else {"scheduler_file": address}
    try:
        url = address if is_url else json.loads(Path(address).read_text())["address"]
        _check_protocol(url)
        return distributed.Client(**where, timeout=SECONDS)
    except (OSError, TimeoutError, ValueError, TypeError, KeyError, RuntimeError) as error:
        raise UserError(
            f"TRIBAR_CLUSTER: no scheduler answers at {address} ({one_line(error)}); start it, "
            "or unset TRIBAR_CLUSTER to use this machine"
        ) from None


def _check_protocol(address: str) -> None:
    """Refuse a server of another kind: Dask's client would wait for it for ever.

    Raises:
        ConnectionError: something else than Dask answers.
        UserError: Dask's settings name no certificates for it.
    """
    if address.startswith("tls://"):
        _check_certificates(address)
    host, _, port = address.removeprefix("tcp://").rpartition(":")
    if not address.startswith("tcp://") or not port.isdecimal():
        return
    try:
        probe = socket.create_connection((host.strip("[]"), int(port)), SECONDS)
    except OSError:  # not yet: the client waits for it
        return
    with probe:
        # Dask's server speaks first: the length of its greeting.
        if not 0 < int.from_bytes(probe.recv(8), "little") < 1 << 16:
            raise ConnectionError("something else than Dask answers")


def _check_certificates(address: str) -> None:
    if Security().get_connection_args("client")["ssl_context"] is None:
        raise UserError(
            f"TRIBAR_CLUSTER: {address} needs certificates; name the PEM files in Dask's settings "
            "distributed.comm.tls (ca-file, client.cert, client.key)"
        )
