"""Memory for whatever a space can draw, before anything is trained."""

from collections.abc import Callable

from tribar.errors import UserError
from tribar.search.dimensions import Space
from tribar.search.sampled_points import Point, format_point, sample_points


def check_space(space: Space, check: Callable[[Point], None]) -> None:
    """Refuse a space that can draw what does not fit into memory.

    Args:
        space: the search space.
        check: raises ValueError for a point that does not fit.

    Raises:
        UserError: one of `sample_points` does not fit; says which and why.
    """
    for point in sample_points(space):
        try:
            check(point)
        except ValueError as error:
            raise UserError(
                f"tune.space: it can draw a configuration that needs {error} "
                f"({format_point(point)})"
            ) from None
