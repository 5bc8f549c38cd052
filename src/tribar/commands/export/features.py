"""What each column of an exported model's input is."""

from collections.abc import Mapping
from dataclasses import dataclass

from tribar.commands.export.formulas import FORMULAS
from tribar.ensemble.ensemble import Ensemble
from tribar.market.feature_names import parse_features
from tribar.market.features import FAMILIES


@dataclass(frozen=True)
class FeatureDefinition:
    """One column of the input.

    Attributes:
        name: of the feature.
        family: that it belongs to; none for a column of a table that came labelled.
        spans: of the family, in bars, by the names that the formula has for them.
        bars: that a value is made of, its own the last; none of such a column.
        formula: in the notation of the description; none of such a column.
        groups: that it is in.
        seen: whether the networks see it; the input has it in any case.
        mean: that scaling takes away.
        std: that scaling divides by.
    """

    name: str
    family: str | None
    spans: Mapping[str, int]
    bars: int | None
    formula: str | None
    groups: tuple[str, ...]
    seen: bool
    mean: float
    std: float


def define(model: Ensemble, column: int) -> FeatureDefinition:
    """Return the definition of a column of the model's input."""
    schema, name = model.schema, model.schema.features[column]
    # A table that came labelled may use our names for features of its own; it knows no memory.
    own = parse_features([name])[0] if name in schema.memory else None
    family = next((key for key, one in FAMILIES.items() if own and one is own.family), None)
    return FeatureDefinition(
        name=name,
        family=family,
        spans=dict(zip(own.family.spans, own.spans, strict=True)) if own else {},
        bars=schema.memory.get(name),
        formula=FORMULAS[family] if family else None,
        groups=tuple(group for group, names in schema.groups.items() if name in names),
        seen=column in model.networks[0].columns,
        mean=float(model.scaler.mean[column]),
        std=float(model.scaler.std[column]),
    )
