"""Triple-barrier bars to an honestly judged recurrent classifier, one DVC stage at a time."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tribar.forecasting.forecaster import Forecaster

__version__ = "0.1.0"


def load(folder: str | Path) -> "Forecaster":
    """Return a trained model that forecasts bars.

    >>> bars = pandas.read_csv("data/raw/us_indices.csv.gz").groupby("symbol").tail(200)
    >>> forecast = load("models/best").predict(bars)
    >>> forecast.table[["symbol", "down", "flat", "up"]].shape
    (2, 4)

    Args:
        folder: that a stage wrote a model into, such as models/best or models/refit.

    Raises:
        UserError: it holds no complete model.
    """
    from tribar import runtime

    # Before numpy and torch are loaded, if they are not yet: they decide the last bits.
    runtime.pin()
    from tribar.forecasting.forecaster import Forecaster

    runtime.open_device("cpu")
    return Forecaster.load(Path(folder))
