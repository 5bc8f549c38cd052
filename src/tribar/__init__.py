"""Triple-barrier bars to an honestly judged recurrent classifier, one DVC stage at a time."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tribar.forecasting.forecaster import Forecaster

__version__ = "0.1.0"


def load(folder: str | Path) -> "Forecaster":
    """Return a trained model that forecasts bars.

    In a repository whose pipeline has run:

        bars = pandas.read_csv("data/raw/us_indices.csv.gz")
        forecast = tribar.load("models/best").predict(bars)
        forecast.table[["symbol", "decision", "down", "flat", "up", "action"]]

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
