"""The parameters: their types, and the only reader of params.yaml."""

from tribar.params.reading import read_params
from tribar.params.schema import (
    BaselineParams,
    BaseParams,
    Cell,
    EvaluateParams,
    Hyperparameters,
    LabelParams,
    ModelParams,
    Params,
    PrepareParams,
    PrunerParams,
    SamplerParams,
    SplitParams,
    TrackingParams,
    TrainingParams,
    TuneParams,
)
from tribar.params.space import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)

__all__ = [
    "AnyDimension",
    "BaseParams",
    "BaselineParams",
    "CategoricalDimension",
    "Cell",
    "EvaluateParams",
    "FixedDimension",
    "FloatDimension",
    "Hyperparameters",
    "IntDimension",
    "LabelParams",
    "ModelParams",
    "Params",
    "PrepareParams",
    "PrunerParams",
    "SamplerParams",
    "Space",
    "SplitParams",
    "TrackingParams",
    "TrainingParams",
    "TuneParams",
    "read_params",
]
