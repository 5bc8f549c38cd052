"""What a request asks for, read from its body: bars, and options."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from tribar.commands.serve.tables import FORMS, frame_of
from tribar.errors import UserError, did_you_mean
from tribar.forecasting.options import ForecastOptions, read_time
from tribar.market.sources.cells import show_cell

JSON, CSV = "application/json", "text/csv"
_OPTIONS = ("every", "as_of")
_MLFLOW = ("dataframe_split", "dataframe_records", "inputs")
_TRUE_FALSE: dict[object, bool] = {True: True, False: False, "true": True, "false": False}
Bars = pd.DataFrame | bytes
"""A data frame, or a text with a line a bar."""


@dataclass(frozen=True)
class Body:
    """The body of a request.

    Attributes:
        kind: JSON or CSV.
        data: as it came.
        query: what stands behind the address.
    """

    kind: str
    data: bytes
    query: Mapping[str, str]


def read_forecast(body: Body, plain: ForecastOptions) -> tuple[Bars, ForecastOptions]:
    """Return what a body asks for that has bars beside options.

    Args:
        body: of the request.
        plain: what it does not set.

    Raises:
        UserError: it cannot be read; says what is allowed.
    """
    if body.kind == CSV:
        return body.data, _options(body.query, plain, "the address")
    found = _json(body)
    _refuse_unknown(found, ("bars", *_OPTIONS), "the body")
    if "bars" not in found:
        raise UserError(f'the body has no bars; give {{"bars": ...}} with {FORMS}')
    options = {name: found[name] for name in _OPTIONS if name in found}
    return frame_of(found["bars"], "bars"), _options(options, plain, "the body")


def read_invocation(body: Body, plain: ForecastOptions) -> tuple[Bars, ForecastOptions]:
    """Return what a body asks for that is written as for `mlflow models serve`.

    Raises:
        UserError: it cannot be read; says what is allowed.
    """
    if body.kind == CSV:
        return body.data, _options(body.query, plain, "the address")
    found = _json(body)
    _refuse_unknown(found, (*_MLFLOW, "params"), "the body")
    given = [name for name in _MLFLOW if name in found]
    if len(given) != 1:
        raise UserError(f"the body has {len(given)} tables; give one of {', '.join(_MLFLOW)}")
    params = found.get("params") or {}
    if not isinstance(params, dict):
        raise UserError(f"params: no options; known: {', '.join(_OPTIONS)}")
    return frame_of(found[given[0]], given[0]), _options(params, plain, "params")


def _json(body: Body) -> dict[str, Any]:
    """Return the object that a body in JSON is."""
    if body.query:
        raise UserError("options stand in the body, not behind the address; move them there")
    try:
        found = json.loads(body.data)
    except RecursionError:
        raise UserError("the body is nested too deeply; give a table of bars") from None
    except ValueError as error:  # no UTF-8, no JSON, or a number with too many digits
        raise UserError(f"the body is no JSON ({error}); give {{...}}, or {CSV}") from None
    if not isinstance(found, dict):
        raise UserError("the body is no object of JSON; give {...}")
    return found


def _options(given: Mapping[str, object], plain: ForecastOptions, where: str) -> ForecastOptions:
    _refuse_unknown(given, _OPTIONS, where)
    options = plain
    if (every := given.get("every")) is not None:
        if not isinstance(every, bool | str) or every not in _TRUE_FALSE:
            raise UserError("every: write true or false")
        options = replace(options, every=_TRUE_FALSE[every])
    if (as_of := given.get("as_of")) is not None:
        if not isinstance(as_of, str):
            raise UserError("as_of: no text; write one such as 2024-05-31T16:00+02:00")
        options = replace(options, as_of=read_time(as_of, "as_of"))
    return options


def _refuse_unknown(given: Mapping[str, object], known: tuple[str, ...], where: str) -> None:
    unknown = [name for name in given if name not in known]
    if unknown:
        raise UserError(
            f"{where} has {show_cell(unknown[0])}; known: {', '.join(known)}"
            f"{did_you_mean(unknown[0][:100], known)}"
        )
