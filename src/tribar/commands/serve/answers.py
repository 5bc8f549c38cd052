"""Answers in JSON, and what is told of a mistake or a fault: one text, never a traceback."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tribar.errors import UserError

_LONGEST_TEXT = 2000
_NOT_FOUND = "nothing is here; there are POST /forecast, POST /invocations and GET /health"


def answer(status: int, content: object, headers: Mapping[str, str] | None = None) -> Response:
    """Return an answer in JSON; signs beyond ASCII are escaped, for a text may be no Unicode."""
    return Response(json.dumps(content), status, headers, "application/json")


def _user_error(request: Request, error: Exception) -> Response:
    return _error(400, str(error))


def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    texts = {404: _NOT_FOUND, 405: f"{request.method} is not allowed here"}
    text = texts.get(error.status_code, error.detail)
    return _error(error.status_code, text, error.headers)


def _fault(request: Request, error: Exception) -> Response:
    """Answer what nobody expected; the server logs its traceback."""
    return _error(500, f"a fault of tribar ({type(error).__name__}); its log says more")


def _error(status: int, text: str, headers: Mapping[str, str] | None = None) -> Response:
    return answer(status, {"error": text[:_LONGEST_TEXT]}, headers)


HANDLERS: dict[Any, Callable[[Request, Exception], Response]] = {
    UserError: _user_error,
    HTTPException: _http_error,
    Exception: _fault,
}
"""What answers an exception, by its class."""
