"""tribar serve: a real process on the loopback address, asked by real clients."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import uvicorn

import tribar
from tests.commands.bad_bodies import BAD_BARS, BAD_CSV, BAD_INVOCATIONS
from tests.commands.serving import CSV, JSON, Running, body, serving, split
from tests.running import run
from tribar.commands.serve.app import MOST_REQUESTS, Service
from tribar.commands.serve.bodies import MOST_BYTES
from tribar.commands.serve.run import listen
from tribar.forecasting.forecaster import Forecaster
from tribar.forecasting.options import ForecastOptions

AS_OF = "2018-12-31"
HEAD = f"POST /forecast HTTP/1.1\r\nHost: here\r\nContent-Type: {JSON}\r\n"
HALF = f"{HEAD}Content-Length: 1000\r\n\r\n{{".encode()
"""The beginning of a request whose end does not come."""
FORMS: dict[str, Callable[[pd.DataFrame], Any]] = {
    "dataframe_records": lambda bars: bars.to_dict("records"),
    "inputs": lambda bars: bars.to_dict("list"),
    "dataframe_split": split,
}
"""Ways to write a table, by the name that MLflow gives one."""


@pytest.fixture(scope="module")
def server(evaluated: Path) -> Iterator[Running]:
    with serving(evaluated / "models/best") as (running, _):
        yield running


@pytest.fixture(scope="module")
def forecaster(evaluated: Path) -> Forecaster:
    return tribar.load(evaluated / "models/best")


@pytest.fixture(scope="module")
def sample(repository: Path) -> pd.DataFrame:
    return pd.read_csv(repository / "data/raw/us_indices.csv.gz")


@pytest.fixture(scope="module")
def needed(sample: pd.DataFrame, forecaster: Forecaster) -> pd.DataFrame:
    """Return the bars that a decision of one symbol needs."""
    return sample[sample["symbol"] == "SP500"].tail(forecaster.model.schema.needed_bars)


@pytest.fixture(scope="module")
def expected(forecaster: Forecaster, needed: pd.DataFrame) -> dict[str, Any]:
    options = ForecastOptions(as_of=pd.Timestamp(AS_OF))
    return forecaster.predict(needed, options).record()


@pytest.mark.parametrize("name", FORMS)
def test_a_forecast_is_that_of_the_library(
    name: str, server: Running, needed: pd.DataFrame, expected: dict[str, Any]
) -> None:
    asked = json.dumps({"bars": FORMS[name](needed), "as_of": AS_OF})
    assert server.post("/forecast", asked) == (200, expected)


@pytest.mark.parametrize("name", FORMS)
def test_a_client_of_mlflow_may_change_over(
    name: str, server: Running, needed: pd.DataFrame, expected: dict[str, Any]
) -> None:
    asked = json.dumps({name: FORMS[name](needed), "params": {"as_of": AS_OF}})
    status, found = server.post("/invocations", asked)
    assert (status, found["predictions"]) == (200, expected["forecasts"])


def test_csv_is_read_too(server: Running, needed: pd.DataFrame, expected: dict[str, Any]) -> None:
    for text in (needed.to_csv(index=False), needed.to_csv(index=False, sep=";")):
        path = f"/forecast?as_of={AS_OF}&every=false"
        assert server.post(path, text, f"{CSV}; charset=utf-8") == (200, expected)


def test_options_are_obeyed(server: Running, sample: pd.DataFrame) -> None:
    bars = sample.groupby("symbol").tail(200)
    _, newest = server.post("/forecast", body(bars, as_of="2018-12-20"))
    _, every = server.post("/forecast", body(bars, as_of="2018-12-20", every=True))
    assert [one["symbol"] for one in newest["forecasts"]] == ["NASDAQ", "SP500"]
    assert {one["decision"][:10] for one in newest["forecasts"]} == {"2018-12-20"}
    assert len(every["forecasts"]) > 20
    assert all(one in every["forecasts"] for one in newest["forecasts"])


def test_health_tells_what_the_model_needs(server: Running, forecaster: Forecaster) -> None:
    status, found = server.get("/health")
    assert (status, found["model"]) == (200, forecaster.version)
    assert found["needed_bars"] == forecaster.model.schema.needed_bars
    assert found["columns"] == ["timestamp", "symbol", "close", "high", "low", "open", "volume"]


@pytest.mark.parametrize("mistake", BAD_BARS)
def test_a_mistake_is_400_and_one_text(mistake: str, server: Running, needed: pd.DataFrame) -> None:
    make, said = BAD_BARS[mistake]
    status, found = server.post("/forecast", make(needed))
    assert (status, list(found)) == (400, ["error"])
    assert said in found["error"]
    assert len(found["error"]) <= 2000
    assert "Traceback" not in found["error"]


@pytest.mark.parametrize("mistake", BAD_CSV)
def test_csv_that_is_none_is_400(mistake: str, server: Running) -> None:
    text, said = BAD_CSV[mistake]
    status, found = server.post("/forecast", text, CSV)
    assert (status, list(found)) == (400, ["error"])
    assert said in found["error"]


@pytest.mark.parametrize("mistake", BAD_INVOCATIONS)
def test_an_invocation_that_is_none_is_400(mistake: str, server: Running) -> None:
    asked, said = BAD_INVOCATIONS[mistake]
    status, found = server.post("/invocations", json.dumps(asked))
    assert (status, list(found)) == (400, ["error"])
    assert said in found["error"]


def test_options_stand_where_they_belong(server: Running, needed: pd.DataFrame) -> None:
    status, found = server.post("/forecast?every=true", body(needed))
    assert (status, "options stand in the body" in found["error"]) == (400, True)
    status, found = server.post("/forecast?evry=true", needed.to_csv(index=False), CSV)
    assert (status, "the address has 'evry'" in found["error"]) == (400, True)


def test_other_kinds_of_body_are_415(server: Running) -> None:
    for kind in ("text/plain", "", "application/x-www-form-urlencoded"):
        status, found = server.post("/forecast", b"x" * 300_000, kind)
        assert (status, "is not read; send application/json" in found["error"]) == (415, True)
    status, found = server.post("/forecast", b"x", **{"Content-Encoding": "gzip"})
    assert (status, "the body is packed" in found["error"]) == (415, True)


def test_there_is_nothing_elsewhere(server: Running) -> None:
    for path in ("/", "/forecast/..", "/%00%0a<script>"):
        assert server.get(path)[0] == 404
    assert server.get("/forecast") == (405, {"error": "GET is not allowed here"})


def test_a_huge_body_is_413_with_and_without_its_length(server: Running) -> None:
    before = server.megabytes()
    for huge in (b"[" * (4 * MOST_BYTES), iter([b"[" * 2**20] * 40)):
        status, found = server.post("/forecast", huge)
        assert (status, f"more than {MOST_BYTES} bytes" in found["error"]) == (413, True)
    assert server.megabytes() - before < 40


def test_a_body_of_the_largest_size_is_read(server: Running) -> None:
    asked = b'{"bars": []}'
    status, found = server.post("/forecast", asked + b" " * (MOST_BYTES - len(asked)))
    assert (status, "bars: no rows" in found["error"]) == (400, True)


def test_a_client_that_hangs_up_is_no_fault(server: Running) -> None:
    """That nothing was told of it, the fixture sees at its end."""
    with socket.create_connection(("127.0.0.1", server.port)) as half:
        half.sendall(HALF)
    assert server.get("/health")[0] == 200


def test_more_requests_than_places_are_sent_away(server: Running, needed: pd.DataFrame) -> None:
    with ExitStack() as halves:
        for _ in range(MOST_REQUESTS):
            one = socket.create_connection(("127.0.0.1", server.port))
            halves.enter_context(one).sendall(HALF)
        assert server.post_until(503, body(needed))
        assert server.get("/health")[0] == 200
    assert server.post_until(200, body(needed))


def test_fifty_clients_at_once_get_what_one_gets(
    server: Running, needed: pd.DataFrame, expected: dict[str, Any]
) -> None:
    asked = body(needed, as_of=AS_OF)
    server.ask_in_parallel(asked, 1, 60)
    before = server.megabytes()
    found = server.ask_in_parallel(asked, 3, 60)
    assert len(found) >= 50
    assert all(one == (200, expected) for one in found)
    assert server.megabytes() - before < 20


@pytest.mark.slow
def test_a_minute_of_fifty_clients_takes_no_memory(
    server: Running, needed: pd.DataFrame, expected: dict[str, Any]
) -> None:
    asked = body(needed, as_of=AS_OF)
    server.ask_in_parallel(asked, 10_000, 10)
    before = server.megabytes()
    found = server.ask_in_parallel(asked, 10_000, 60)
    assert len(found) > 200
    assert all(one == (200, expected) for one in found)
    assert server.megabytes() - before < 10


def test_a_fault_is_500_and_one_line(
    forecaster: Forecaster, needed: pd.DataFrame, capfd: pytest.CaptureFixture[str]
) -> None:
    """A model without networks has nothing to average."""
    broken = replace(forecaster, model=replace(forecaster.model, networks=()))
    app = Service(broken, ForecastOptions()).app()
    inside = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=inside.run, args=([listener],))
        thread.start()
        try:
            answer = Running(listener.getsockname()[1], 0).post("/forecast", body(needed))
        finally:
            inside.should_exit = True
            thread.join()
    assert answer == (500, {"error": "a fault of tribar (ValueError); its log says more"})
    assert "need at least one array" in capfd.readouterr().err


def test_a_mistake_of_the_command_is_one_error(server: Running) -> None:
    taken, free = server.port, server.port + 1
    for arguments, said in (
        (("--port", str(taken)), f"(it is taken); name another, such as --port {free}"),
        (("--port", "0", "--model", "models/none"), "models/none: no such folder; and "),
    ):
        found = run("serve", *arguments, code=2)
        assert said in found.stderr
        assert "Traceback" not in found.stderr


def test_an_answer_is_sent_at_once() -> None:
    """Its end does not wait until the client has confirmed its beginning."""
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_an_address_that_others_reach_is_said(evaluated: Path) -> None:
    with serving(evaluated / "models/best", "--host", "0.0.0.0") as (running, said):
        assert "warning: whoever reaches 0.0.0.0 may ask" in said[0]
        assert running.get("/health")[0] == 200
