"""The schema of a prepared split: what its rows and samples mean."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Self

from tribar.dataset.definition import Definition
from tribar.errors import UserError, listing

CLASSES = (-1, 0, 1)
"""The labels, in the order of every probability's columns."""

_TUPLES = ("features", "symbols", "class_returns", "classes")


@dataclass(frozen=True)
class Schema:
    """What rows and samples mean.

    Attributes:
        features: names of the rows' columns.
        window: rows in a window.
        folds: of the purged K-fold.
        embargo: decision times left out around an evaluated fold.
        source_sha256: of the source's content.
        groups: features by the name of their group.
        memory: bars that a feature is made of, its own the last, by its name; none of a table
            that came labelled.
        definition: how bars became rows and labels; None of a table that came labelled.
        symbols: names of those that there are decisions of.
        class_returns: mean exit return of each class in training; none where it is not known.
        until: when the last label ended that development knows, ISO time in UTC.
        fingerprint: of development, in the test split too; tells what a model was trained on.
        classes: the labels.
    """

    features: tuple[str, ...]
    window: int
    folds: int
    embargo: int
    source_sha256: str
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    memory: Mapping[str, int] = field(default_factory=dict)
    definition: Definition | None = None
    symbols: tuple[str, ...] = ()
    class_returns: tuple[float, ...] = ()
    until: str = ""
    fingerprint: str = ""
    classes: tuple[int, ...] = CLASSES

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> Self:
        """Return the schema that `to_json` described."""
        groups = {name: tuple(members) for name, members in content["groups"].items()}
        tuples = {name: tuple(content[name]) for name in _TUPLES}
        found = content["definition"]
        definition = None if found is None else Definition.from_json(found)
        return cls(**{**content, **tuples, "groups": groups, "definition": definition})

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {**vars(self), "definition": self.definition and self.definition.to_json()}

    @property
    def needed_bars(self) -> int:
        """Return of how many bars of a symbol, its own the last, a decision is made.

        >>> Schema(("a", "b"), window=60, folds=2, embargo=0, source_sha256="",
        ...        memory={"a": 1, "b": 105}).needed_bars
        164
        """
        window = self.window - 1 + max(self.memory.values(), default=1)
        return max(window, self.definition.volatility_bars if self.definition else 1)

    def columns(self, wanted: str) -> tuple[int, ...]:
        """Return the columns of `all` features, or of groups joined by `+`.

        Raises:
            UserError: a group is unknown.
        """
        if wanted == "all":
            return tuple(range(len(self.features)))
        unknown = [name for name in wanted.split("+") if name not in self.groups]
        if unknown:
            raise UserError(
                f"model.features: the prepared split has no group {unknown[0]!r}; it has "
                f"{listing(['all', *self.groups])}; write one of them, or add it to "
                "prepare.feature_groups and run prepare again"
            )
        chosen = {one for name in wanted.split("+") for one in self.groups[name]}
        return tuple(n for n, name in enumerate(self.features) if name in chosen)
