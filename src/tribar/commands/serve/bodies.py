"""The body of a request: of a kind that is read, not too large, and there in time."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from tribar.commands.serve.asked import CSV, JSON, Body

MOST_BYTES = 8 * 2**20
"""Of a body: some hundred thousand bars."""
_DROPPED_BYTES = 8 * MOST_BYTES
"""A body that is too large is read so far, for who still sends does not hear an answer."""
_SECONDS = 30.0


async def read_body(request: Request) -> Body:
    """Return the body of a request.

    Raises:
        HTTPException: 413, 408, 415: its size, its pace or its kind; 400: its sender has gone.
    """
    try:
        async with asyncio.timeout(_SECONDS):
            data = await _read(request)
    except TimeoutError:
        raise HTTPException(408, f"the body was not there in {_SECONDS:g} seconds") from None
    except ClientDisconnect:
        raise HTTPException(400, "the connection ended within the body") from None
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in (JSON, CSV):
        raise HTTPException(415, f"content-type: {kind[:100]!r} is not read; send {JSON} or {CSV}")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "content-encoding: the body is packed; send it as it is")
    return Body(kind, data, request.query_params)


async def _read(request: Request) -> bytes:
    data, size = bytearray(), 0
    async for part in request.stream():
        size += len(part)
        if size <= MOST_BYTES:
            data += part
        else:
            data.clear()
        if size > _DROPPED_BYTES:
            break
    if size > MOST_BYTES:
        raise HTTPException(413, f"the body has more than {MOST_BYTES} bytes; send fewer bars")
    return bytes(data)
