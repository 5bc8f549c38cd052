"""The parameters: their types, and the only reader of params.yaml."""

from tribar.params.block import Block
from tribar.params.pruners import PrunerName, PrunerParams
from tribar.params.reading import read_params
from tribar.params.samplers import SamplerName, SamplerParams
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
    SplitParams,
    TrackingParams,
    TrainingParams,
)
from tribar.params.space import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)
from tribar.params.tune import BudgetParams, ObjectiveParams, RescoreParams, TuneParams

__all__ = [
    "AnyDimension",
    "BaseParams",
    "BaselineParams",
    "Block",
    "BudgetParams",
    "CategoricalDimension",
    "Cell",
    "EvaluateParams",
    "FixedDimension",
    "FloatDimension",
    "Hyperparameters",
    "IntDimension",
    "LabelParams",
    "ModelParams",
    "ObjectiveParams",
    "Params",
    "PrepareParams",
    "PrunerName",
    "PrunerParams",
    "RescoreParams",
    "SamplerName",
    "SamplerParams",
    "Space",
    "SplitParams",
    "TrackingParams",
    "TrainingParams",
    "TuneParams",
    "read_params",
]
