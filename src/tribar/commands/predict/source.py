"""A forecast of the bars, or of the labelled rows, that files hold."""

from pathlib import Path

from tribar.forecasting.forecast import Forecast
from tribar.forecasting.forecaster import Forecaster
from tribar.forecasting.options import ForecastOptions
from tribar.market.config import PrepareParams
from tribar.market.sources.bars import read_bars
from tribar.market.sources.labelled import read_labelled


def forecast_source(
    forecaster: Forecaster, path: Path, params: PrepareParams, options: ForecastOptions
) -> Forecast:
    """Return the forecast of a source, read as the model's own source was.

    Args:
        forecaster: the model.
        path: a file, a folder, or a glob of files.
        params: how the files are read.
        options: what is asked for.

    Raises:
        UserError: the source cannot be read, or the model cannot forecast it.
    """
    definition = forecaster.model.schema.definition
    if definition is None:
        horizon, zone = params.labels.horizon, params.timezone
        return forecaster.forecast_rows(read_labelled(path, horizon, zone, params.read), options)
    zone, stamps = definition.timezone, definition.stamps
    bars = read_bars(path, definition.max_gap_days, zone, stamps, params.read)
    return forecaster.forecast(bars, options)
