from pathlib import Path

import pytest

from tribar.commands.ignored_overrides import ignored_overrides


def test_a_parameter_of_other_stages_alone_is_named_with_them(repository: Path) -> None:
    lines = ignored_overrides(
        ["model.cell=gru", "evaluate.confidence=0.9"], "evaluate", repository / "dvc.yaml"
    )
    for_whom = "train-baseline, tune, walk-forward"
    assert list(lines) == [f"evaluate takes no notice of model.cell; it is for {for_whom}"]


DAMAGED = ("", "<<<<<<< HEAD\nstages: {}", "plots: []", "stages: 3", "stages: {evaluate: {cmd: a}}")


@pytest.mark.parametrize("text", DAMAGED)
def test_of_a_damaged_file_nothing_is_said(text: str, tmp_path: Path) -> None:
    (tmp_path / "dvc.yaml").write_text(text)
    assert list(ignored_overrides(["model.cell=gru"], "evaluate", tmp_path / "dvc.yaml")) == []
