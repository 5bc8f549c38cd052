"""The best model as a model of MLflow's: code, safetensors and JSON, and no pickle."""

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

import tribar
from tribar.tracking.record import ModelRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient

PACKAGE = Path(tribar.__file__).parent
CODE = "tribar.zip"
_REQUIREMENTS = (
    *("charset-normalizer", "numba", "numpy", "pandas", "psutil", "pyarrow", "pydantic", "rich"),
    *("ruamel.yaml", "safetensors", "scikit-learn", "scipy", "threadpoolctl", "torch", "tzdata"),
)
"""What a forecast imports, of what the package depends on."""
_OPTIONAL = ("symbol", "open", "high", "low", "volume")
_ANY = "any"
_INPUTS = {
    "timestamp": _ANY,
    "symbol": "string",
    **dict.fromkeys(("open", "high", "low", "close"), "double"),
    "volume": _ANY,
}
"""MLflow's types refuse a time with its zone, and a whole number of shares; the model does not."""
_OUTPUTS = {
    "symbol": "string",
    "decision": "datetime",
    "bars_valid": "long",
    **dict.fromkeys(("down", "flat", "up"), "double"),
    "label": "long",
    **dict.fromkeys(("lower", "upper", "expected_return"), "double"),
    "action": "string",
    "model": "string",
    "model_age_days": "double",
}


def log_model(
    client: "MlflowClient",
    model: ModelRecord,
    tags: Mapping[str, str],
    experiment: str,
    run_id: str,
) -> str:
    """Log the model as an output of a run; return its id.

    One that sees features alone, and no bars, takes no bars to forecasts: its folder is logged as
    it is.
    """
    from mlflow.entities import LoggedModelOutput

    made = client.create_logged_model(
        experiment, model.name, run_id, dict(tags), dict(model.params), "classifier"
    )
    model_id = str(made.model_id)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        if model.bars:
            save_model(model, folder, run_id, model_id)
        else:
            shutil.copytree(model.folder, folder)
        client.log_model_artifacts(model_id, str(folder))
    client.finalize_logged_model(model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])
    return model_id


def save_model(
    model: ModelRecord, folder: Path, run_id: str | None = None, model_id: str | None = None
) -> None:
    """Write a model that `mlflow.pyfunc.load_model` reads, also where tribar is not installed.

    Args:
        model: of bars.
        folder: to make.
        run_id: of the run that it comes from.
        model_id: by which the store knows it.
    """
    from mlflow.models import Model
    from mlflow.pyfunc import save_model as save

    with tempfile.TemporaryDirectory() as temporary:
        save(
            folder,
            python_model=str(PACKAGE / "tracking/pyfunc_model.py"),
            artifacts={"model": str(model.folder)},
            code_paths=[str(_pack_code(Path(temporary)))],
            mlflow_model=Model(run_id=run_id, model_id=model_id, model_uuid=model_id),
            signature=_signature(),
            input_example=example_bars(model.bars),
            pip_requirements=[f"{name}=={_release(name)}" for name in _REQUIREMENTS],
        )


def example_bars(count: int) -> pd.DataFrame:
    """Return made daily bars of one symbol, in the columns that a model takes.

    >>> example_bars(2).round(1).to_dict("list")["close"]
    [100.0, 102.0]
    """
    day = np.arange(count)
    close = 100 + 10 * np.sin(day / 5)
    opened = np.concatenate([close[:1], close[:-1]])
    return pd.DataFrame(
        {
            "timestamp": pd.date_range("2024-01-01", periods=count, freq="B"),
            "symbol": "EXAMPLE",
            "open": opened,
            "high": np.maximum(opened, close) + 0.5,
            "low": np.minimum(opened, close) - 0.5,
            "close": close,
            "volume": 1e6 + 1e5 * np.cos(day),
        }
    )


def _signature() -> Any:
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, Schema
    from mlflow.types.schema import AnyType

    inputs = [
        ColSpec(AnyType() if kind == _ANY else kind, name, name not in _OPTIONAL)
        for name, kind in _INPUTS.items()
    ]
    outputs = [ColSpec(kind, name) for name, kind in _OUTPUTS.items()]
    return ModelSignature(Schema(inputs), Schema(outputs))


def _pack_code(folder: Path) -> Path:
    """Write the package's modules into one archive: one file to send, which Python imports from."""
    archive = folder / CODE
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for file in sorted(PACKAGE.rglob("*.py")):
            packed.write(file, file.relative_to(PACKAGE.parent))
    return archive


def _release(name: str) -> str:
    """Return an installed version, without what tells its build (as the `+cpu` of torch)."""
    return version(name).partition("+")[0]
