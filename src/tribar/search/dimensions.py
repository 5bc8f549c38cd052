"""The dimensions of a search space, as params.yaml writes them, and the values of each."""

import math
import random
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from tribar.block import Block, Choice, Fault, repeated

MAX_EXACT_INT = 2**53
"""The largest whole number up to which a float has all of them."""


def _as_tuple(allowed: object) -> object:
    return tuple(allowed) if isinstance(allowed, list | tuple) else (allowed,)


class Dimension(Block):
    """What every dimension has: values, and the values of others without which it does not exist.

    The methods are those of a list of values; a range has its own.
    """

    when: dict[str, Annotated[tuple[Choice, ...], BeforeValidator(_as_tuple)]] = Field(
        default_factory=dict
    )

    @property
    def is_continuous(self) -> bool:
        """Return whether it has no finite number of values."""
        return False

    @abstractmethod
    def values(self) -> Sequence[Choice]:
        """Return every value; only of a dimension that is not continuous."""

    def count(self) -> int:
        """Return the number of values; only of a dimension that is not continuous."""
        return len(self.values())

    def ends(self) -> Sequence[Choice]:
        """Return all values, numbers from the lowest to the highest; of a range its two ends."""
        numbers = [one for one in self.values() if not isinstance(one, str)]
        return sorted(numbers) if len(numbers) == self.count() else self.values()

    def contains(self, value: Choice) -> bool:
        """Return whether a value is one of the dimension's."""
        return any(type(one) is type(value) and one == value for one in self.values())

    def draw(self, rng: random.Random) -> Choice:
        """Return a random value."""
        return rng.choice(self.values())

    def describe(self) -> str:
        """Return the values, for a message."""
        return f"{list(self.values())}"

    def is_active(self, point: Mapping[str, Choice]) -> bool:
        """Return whether a point has the dimension: its conditions hold there.

        >>> decay = FixedDimension(type="fixed", value=0.1, when={"optimizer": ("adamw",)})
        >>> [decay.is_active(one) for one in ({"optimizer": "adamw"}, {"optimizer": "adam"}, {})]
        [True, False, False]
        """
        return all(
            name in point and _is_among(point[name], allowed) for name, allowed in self.when.items()
        )


class RangeDimension(Dimension):
    """Numbers from `low` to `high`, evenly, by order of magnitude (log), or on a grid (step)."""

    low: float
    high: float
    log: bool = False
    step: float | None

    @property
    def is_continuous(self) -> bool:
        """Return whether it has no steps."""
        return self.step is None

    @property
    def steps(self) -> int:
        """Return how many steps lead from the lowest value to the highest."""
        return math.floor((self.high - self.low) / (self.step or 1) + 1e-9)

    def at(self, number: int) -> int | float:
        """Return the value that so many steps lead to; never above `high`, as rounding might."""
        return min(self.low + number * (self.step or 1), self.high)

    def values(self) -> Sequence[Choice]:
        """Return the value of every step."""
        return [self.at(number) for number in range(self.count())]

    def count(self) -> int:
        """Return the number of values, without making them."""
        return self.steps + 1

    def ends(self) -> Sequence[Choice]:
        """Return the lowest value and the highest, as far as steps reach.

        >>> IntDimension(type="int", low=8, high=100, step=16).ends()
        (8, 88)
        """
        return (self.low, self.high) if self.is_continuous else (self.at(0), self.at(self.steps))

    def contains(self, value: Choice) -> bool:
        """Return whether a value lies in the range, on its grid."""
        if isinstance(value, str | bool) or not self.low <= value <= self.high:
            return False
        steps = (value - self.low) / self.step if self.step else 0.0
        return math.isclose(steps, round(steps), abs_tol=1e-9)

    def draw(self, rng: random.Random) -> int | float:
        """Return a random value."""
        if self.log:
            drawn = math.exp(rng.uniform(math.log(self.low), math.log(self.high)))
            return min(self.high, max(self.low, drawn))
        if self.is_continuous:
            return rng.uniform(self.low, self.high)
        return self.at(rng.randint(0, self.steps))

    def describe(self) -> str:
        """Return the range, for a message."""
        step = f" in steps of {self.step:g}" if self.step else ""
        return f"{self.low:g} to {self.high:g}{step}"

    def conflicts(self) -> Iterator[Fault]:
        """Yield an empty range, a logarithm of nothing and steps that are too small."""
        if self.low > self.high:
            yield Fault("low", f"{self.low:g} is above high {self.high:g}")
        if self.log and self.low <= 0:
            yield Fault("low", f"it is {self.low:g}, and a log dimension needs more than 0")
        if self.log and self.step != type(self).model_fields["step"].default:
            yield Fault("step", "log and step exclude each other; drop one")
        if self.step and (self.high - self.low) / self.step > MAX_EXACT_INT:
            yield Fault(
                "step", f"{self.step:g} makes more than {MAX_EXACT_INT:,} values; give a larger one"
            )


class FloatDimension(RangeDimension):
    """Real numbers."""

    type: Literal["float"]
    step: float | None = Field(default=None, gt=0)


class IntDimension(RangeDimension):
    """Whole numbers."""

    type: Literal["int"]
    low: int = Field(ge=-MAX_EXACT_INT, le=MAX_EXACT_INT)
    high: int = Field(ge=-MAX_EXACT_INT, le=MAX_EXACT_INT)
    step: int = Field(default=1, ge=1)

    def contains(self, value: Choice) -> bool:
        """Return whether a value is a whole number of the range, on its grid."""
        return isinstance(value, int) and super().contains(value)

    def draw(self, rng: random.Random) -> int:
        """Return a random value."""
        return round(super().draw(rng))


class CategoricalDimension(Dimension):
    """One of the choices, in no order."""

    type: Literal["categorical"]
    choices: tuple[Choice, ...] = Field(min_length=1)

    def values(self) -> Sequence[Choice]:
        """Return the choices."""
        return self.choices

    def conflicts(self) -> Iterator[Fault]:
        """Yield choices that are named twice: they would be drawn twice as often."""
        yield from (
            Fault("choices", f"{one!r} stands twice; drop one") for one in repeated(self.choices)
        )


class FixedDimension(Dimension):
    """A single choice: the dimension stays in the tables and is not searched."""

    type: Literal["fixed"]
    value: Choice

    def values(self) -> Sequence[Choice]:
        """Return the value."""
        return (self.value,)

    def contains(self, value: Choice) -> bool:
        """Return whether a value equals the fixed one; 1 is 1.0, and True is not 1."""
        return value == self.value and isinstance(value, bool) == isinstance(self.value, bool)


AnyDimension = Annotated[
    FloatDimension | IntDimension | CategoricalDimension | FixedDimension,
    Field(discriminator="type"),
]
Space = dict[str, AnyDimension]


def _is_among(value: Choice, allowed: Sequence[Choice]) -> bool:
    """Return whether a value is one of those allowed; a float of a grid is one but for rounding."""
    if isinstance(value, float):
        numbers = (one for one in allowed if not isinstance(one, str))
        return any(math.isclose(value, one, abs_tol=1e-12) for one in numbers)
    return value in allowed
