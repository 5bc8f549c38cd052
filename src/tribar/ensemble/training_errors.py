"""A training that fails outside a study, where no trial can be marked as failed."""

from collections.abc import Iterator
from contextlib import contextmanager

from tribar.errors import UserError
from tribar.model.training.epoch import DivergedError
from tribar.model.training.out_of_memory import OutOfMemoryError


@contextmanager
def as_user_error(where: str) -> Iterator[None]:
    """Turn a loss that is no number, and a batch that does not fit, into a user's error.

    Args:
        where: what names the configuration, a block or a file.
    """
    try:
        yield
    except DivergedError as error:
        raise UserError(
            f"{where}: {error}; lower its learning_rate, or a large weight_decay or focal_gamma"
        ) from None
    except OutOfMemoryError as error:
        raise UserError(
            f"{where}: {error}; lower its batch_size or hidden_dim, "
            "or prepare fewer bars or features"
        ) from None
