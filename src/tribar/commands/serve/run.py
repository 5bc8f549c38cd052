"""The command: a model of a folder, an address, and requests until it is stopped."""

import errno
import ipaddress
import socket
from contextlib import suppress
from pathlib import Path

import uvicorn
from rich.console import Console

from tribar.commands.serve.app import Service
from tribar.config.schema import Params
from tribar.console import print_line
from tribar.errors import UserError
from tribar.forecasting.forecaster import Forecaster
from tribar.forecasting.options import ForecastOptions
from tribar.runtime import open_device

_GRACE_SECONDS = 10
"""For the requests that are under way when the server is stopped."""


def run(model: Path, host: str, port: int, params: Params, console: Console) -> None:
    """Answer requests until the process is told to end.

    Args:
        model: its folder.
        host: the address to listen on.
        port: 0 for any that is free.
        params: of costs and findings.
        console: told where it listens.

    Raises:
        UserError: there is no model of bars, or the address cannot be had.
    """
    with listen(host, port) as listener:
        open_device("cpu")
        forecaster = Forecaster.load(model)
        _ = forecaster.definition  # or it cannot forecast bars
        _warm_up(forecaster)
        _say(forecaster, listener, console)
        options = ForecastOptions(cost=params.evaluate.cost, findings=params.prepare.findings)
        with suppress(KeyboardInterrupt):
            _server(Service(forecaster, options)).run(sockets=[listener])


def _server(service: Service) -> uvicorn.Server:
    return uvicorn.Server(
        uvicorn.Config(
            service.app(),
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            lifespan="off",
            timeout_graceful_shutdown=_GRACE_SECONDS,
        )
    )


def _warm_up(forecaster: Forecaster) -> None:
    """Forecast once, for what is compiled or imported at its first use."""
    if forecaster.bars is not None:
        with suppress(UserError):
            forecaster.forecast(forecaster.bars)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    Raises:
        UserError: the address is no address of this machine, or is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        why = "it is taken" if error.errno == errno.EADDRINUSE else error.strerror
        raise UserError(
            f"--host {host} --port {port}: cannot listen there ({why}); name another, such as "
            f"--port {port + 1 if port < 65535 else 8000}"
        ) from None
    # Connections inherit it; else the end of an answer waits 40 ms for the beginning to be heard.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def _say(forecaster: Forecaster, listener: socket.socket, console: Console) -> None:
    host, port = listener.getsockname()[:2]
    if not ipaddress.ip_address(host).is_loopback:
        print_line(console, f"warning: whoever reaches {host} may ask; nothing is encrypted")
    needed = forecaster.model.schema.needed_bars
    print_line(
        console,
        f"model {forecaster.version}, trained on labels until {forecaster.until}, needs {needed} "
        "bars of a symbol",
    )
    shown = f"[{host}]" if ":" in host else host
    print_line(console, f"POST /forecast to http://{shown}:{port}; Ctrl-C ends it")
