"""The HTTP interface of one model: where what is asked, and how mistakes are told."""

import asyncio
import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tribar.commands.serve.answers import HANDLERS, answer
from tribar.commands.serve.asked import Bars, Body, read_forecast, read_invocation
from tribar.commands.serve.bodies import read_body
from tribar.forecasting.forecaster import Forecaster
from tribar.forecasting.options import ForecastOptions

MOST_REQUESTS = 64
"""At once, of which one is answered and the others wait; more are sent away."""
Reader = Callable[[Body, ForecastOptions], tuple[Bars, ForecastOptions]]


class Service:
    """Forecasts of one model, one at a time.

    Args:
        forecaster: the model, which was trained on bars.
        options: what a request does not set.
    """

    def __init__(self, forecaster: Forecaster, options: ForecastOptions) -> None:
        self._forecaster, self._options = forecaster, options
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._requests = 0

    def app(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                Route("/forecast", self._forecast, methods=["POST"]),
                Route("/invocations", self._invoke, methods=["POST"]),
                Route("/health", self._health),
            ],
            exception_handlers=HANDLERS,
        )

    async def _forecast(self, request: Request) -> Response:
        return await self._answer(request, read_forecast, "forecasts")

    async def _invoke(self, request: Request) -> Response:
        return await self._answer(request, read_invocation, "predictions")

    async def _health(self, request: Request) -> Response:
        return answer(200, self.health())

    async def _answer(self, request: Request, read: Reader, name: str) -> Response:
        with self._place():
            body = await read_body(request)
            loop = asyncio.get_running_loop()
            content = await loop.run_in_executor(self._thread, self._predict, body, read, name)
        return Response(content, media_type="application/json")

    @contextmanager
    def _place(self) -> Iterator[None]:
        """Hold one of the places for requests; there is one thread that counts them."""
        if self._requests >= MOST_REQUESTS:
            busy = f"{MOST_REQUESTS} requests wait already; try again"
            raise HTTPException(503, busy, {"Retry-After": "1"})
        self._requests += 1
        try:
            yield
        finally:
            self._requests -= 1

    def _predict(self, body: Body, read: Reader, name: str) -> str:
        """Return the answer's text, the forecasts under `name`."""
        bars, options = read(body, self._options)
        record = self._forecaster.predict(bars, options).record()
        return json.dumps({name: record["forecasts"], "notes": record["notes"]})

    def health(self) -> dict[str, object]:
        """Return what a client has to know of the model, as plain values for JSON."""
        schema = self._forecaster.model.schema
        needs = {one for each in self._forecaster.features for one in each.family.needs}
        return {
            "status": "ok",
            "model": self._forecaster.version,
            "trained_until": self._forecaster.until,
            "needed_bars": schema.needed_bars,
            "columns": ["timestamp", "symbol", *sorted(needs | {"close"})],
            "symbols": list(schema.symbols),
        }
