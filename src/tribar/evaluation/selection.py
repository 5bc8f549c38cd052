"""Selection: what choosing the best trial on validation has flattered."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class SelectionGap:
    """The winner's log-loss where it was chosen and where it was not, in nats.

    Attributes:
        validation: loss that made it the winner.
        test: loss on the untouched test split.
        gap: test minus validation; the luck of the draw, and the change of the market.
    """

    validation: float
    test: float
    gap: float

    def metrics(self) -> dict[str, float]:
        """Return the losses and their gap by name."""
        return asdict(self)


def selection_gap(validation: float, test: float) -> SelectionGap:
    """Return how much worse the winner is on test than on validation.

    >>> selection_gap(validation=1.0, test=1.25)
    SelectionGap(validation=1.0, test=1.25, gap=0.25)
    """
    return SelectionGap(validation, test, test - validation)
