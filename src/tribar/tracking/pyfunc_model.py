"""The logged model, from bars to forecasts. MLflow runs this file wherever it loads the model."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
from mlflow.models import set_model
from mlflow.pyfunc import PythonModel

_CODE = Path(__file__).parent / "code/tribar.zip"
if _CODE.is_file():  # beside a logged model
    sys.path.insert(0, str(_CODE))


class ForecastModel(PythonModel):  # type: ignore[misc]
    """What `tribar.load` makes of the logged folder, behind MLflow's interface."""

    def load_context(self, context: Any) -> None:
        """Read the model: safetensors and JSON, nothing that is unpickled."""
        tribar = import_module("tribar")  # here: who logs a model need not load it
        self._forecaster = tribar.load(context.artifacts["model"])

    def predict(
        self, context: Any, model_input: pd.DataFrame, params: dict[str, Any] | None = None
    ) -> pd.DataFrame:
        """Return the forecast of each symbol's newest decision."""
        forecasts: pd.DataFrame = self._forecaster.predict(model_input).table
        return forecasts


set_model(ForecastModel())
