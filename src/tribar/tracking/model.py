"""The best model as a model of MLflow's: code, safetensors and JSON, and no pickle."""

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

import tribar
from tribar.dataset.prepared import read_bars
from tribar.tracking.record import ModelRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.models import Model

VERSION = "model.version"
"""The tag that names a model by its files."""
PACKAGE = Path(tribar.__file__).parent
CODE = "tribar.zip"
_REQUIREMENTS = (
    *("charset-normalizer", "numba", "numpy", "pandas", "psutil", "pyarrow", "pydantic", "pyyaml"),
    *("rich", "ruamel.yaml", "safetensors", "scikit-learn", "scipy", "threadpoolctl", "torch"),
    "tzdata",
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

    One that was trained on a table that came labelled takes no bars: its folder is logged as it is.
    """
    from mlflow.entities import LoggedModelOutput
    from mlflow.models import Model

    tags = {**tags, VERSION: model.version}
    made = client.create_logged_model(
        experiment, model.name, run_id, tags, dict(model.params), "classifier"
    )
    model_id = str(made.model_id)
    known = {"model_id": model_id, "model_uuid": model_id}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "model"
        if (bars := read_bars(model.folder)) is None:
            shutil.copytree(model.folder, folder)
        else:
            save_model(model.folder, bars, folder, Model(run_id=run_id, **known))
        client.log_model_artifacts(model_id, str(folder))
    client.finalize_logged_model(model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(model_id, step=0)])
    return model_id


def save_model(source: Path, bars: pd.DataFrame, folder: Path, about: "Model") -> None:
    """Write a model that `mlflow.pyfunc.load_model` reads, also where tribar is not installed.

    Args:
        source: folder that holds it, safetensors and JSON.
        bars: that it keeps.
        folder: to make.
        about: what MLflow knows of it.
    """
    from mlflow.pyfunc import save_model as save

    with tempfile.TemporaryDirectory() as temporary:
        save(
            folder,
            python_model=str(PACKAGE / "tracking/pyfunc_model.py"),
            artifacts={"model": str(source)},
            code_paths=[str(_pack_code(Path(temporary)))],
            mlflow_model=about,
            signature=_signature(),
            input_example=example_bars(bars),
            pip_requirements=[f"{name}=={_release(name)}" for name in _REQUIREMENTS],
        )


def example_bars(bars: pd.DataFrame) -> pd.DataFrame:
    """Return the newest bars of a model's first symbol, in the columns that it takes.

    Args:
        bars: that it keeps, of each symbol as many as a decision is made of.
    """
    first: pd.DataFrame = bars[bars["symbol"] == bars["symbol"].iloc[0]]
    return first.drop(columns="time").rename(columns={"local_time": "timestamp"})


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
