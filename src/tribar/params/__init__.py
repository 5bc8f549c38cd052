"""The parameters: their types, and the only reader of params.yaml."""

from tribar.params.block import Block
from tribar.params.model import BaselineParams, Cell, ModelParams
from tribar.params.pruners import PrunerName, PrunerParams
from tribar.params.reading import read_params
from tribar.params.samplers import SamplerName, SamplerParams
from tribar.params.schema import (
    BaseParams,
    EvaluateParams,
    LabelParams,
    Params,
    PrepareParams,
    SplitParams,
    TrackingParams,
)
from tribar.params.space import (
    AnyDimension,
    CategoricalDimension,
    FixedDimension,
    FloatDimension,
    IntDimension,
    Space,
)
from tribar.params.training import Hyperparameters, TrainingParams, by_name
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
    "by_name",
    "read_params",
]
