"""The command: bars of a file, a model of a folder, and a forecast."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from tribar.commands.predict.output import MOST_LINES, check_ending, show_forecast, write_forecast
from tribar.commands.predict.source import forecast_source
from tribar.config.schema import Params
from tribar.console import print_line
from tribar.forecasting.forecast import Forecast
from tribar.forecasting.forecaster import Forecaster
from tribar.forecasting.options import ForecastOptions, read_time
from tribar.runtime import open_device


@dataclass(frozen=True)
class Asked:
    """What the command line asks for.

    Attributes:
        bars: a file, a folder, or a glob of files.
        as_of: the time until which bars count, as a text; None for all.
        every: all decisions.
        max_age: days that the newest bar may be old.
        max_model_age: days between the model's data and the forecast.
        output: file to write; None shows the forecast alone.
    """

    bars: Path
    as_of: str | None
    every: bool
    max_age: float | None
    max_model_age: float | None
    output: Path | None


def run(asked: Asked, model: Path, params: Params, console: Console) -> None:
    """Forecast; show it, and write it where that is asked for.

    Raises:
        UserError: the bars cannot be read, or the model cannot forecast them.
    """
    if asked.output:
        check_ending(asked.output)
    options = ForecastOptions(
        as_of=read_time(asked.as_of, "--as-of") if asked.as_of is not None else None,
        every=asked.every,
        max_age_days=asked.max_age,
        max_model_age_days=asked.max_model_age,
        cost=params.evaluate.cost,
        findings=params.prepare.findings,
    )
    open_device("cpu")
    forecaster = Forecaster.load(model)
    forecast = forecast_source(forecaster, asked.bars, params.prepare, options)
    show_forecast(forecast, console)
    for line in _lines(forecaster, forecast):
        print_line(console, line)
    if asked.output:
        write_forecast(forecast, asked.output)
        print_line(console, f"wrote {len(forecast.table)} forecasts to {asked.output}")


def _lines(forecaster: Forecaster, forecast: Forecast) -> list[str]:
    lines = [f"model {forecaster.version}, trained on labels until {forecaster.until}"]
    if (more := len(forecast.table) - MOST_LINES) > 0:
        lines.insert(0, f"... and {more} earlier ones; --output FILE writes all")
    definition = forecaster.model.schema.definition
    if definition:
        horizon = definition.labels.horizon
        lines.append(
            f"of the next {horizon} bars: down or up is which barrier is touched first, flat none"
        )
    return [*lines, *forecast.notes]
