"""A repository that has evaluated a model, and a gate that the model passes."""

from pathlib import Path

import pytest

from tests.commands.promote.repositories import (
    ENOUGH,
    Repository,
    Shrunk,
    make_repository,
)
from tribar.config.schema import Params


@pytest.fixture
def place(evaluated: Path, tmp_path: Path) -> Repository:
    return make_repository(evaluated, tmp_path)


@pytest.fixture
def easy(shrunk: Shrunk) -> Params:
    return shrunk(*ENOUGH)
