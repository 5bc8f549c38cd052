import json
from pathlib import Path

import pandas as pd
import pytest

from tribar.errors import UserError
from tribar.outputs.writers import whole_folder, write_csv, write_json


def test_json_is_sorted_round_trip_and_ends_with_a_newline(tmp_path: Path) -> None:
    write_json(tmp_path / "a/b.json", {"z": 0.1 + 0.2, "a": {"y": 1, "x": 2}})
    text = (tmp_path / "a/b.json").read_text()
    assert text.endswith("}\n")
    assert text.index('"a"') < text.index('"x"') < text.index('"y"') < text.index('"z"')
    assert json.loads(text)["z"] == 0.1 + 0.2


def test_nothing_that_json_does_not_know_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "b.json", {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_csv_floats_round_trip(tmp_path: Path) -> None:
    table = pd.DataFrame({"b": [0.1 + 0.2, 1e-300], "a": [1, 2]})
    write_csv(tmp_path / "t.csv", table)
    back = pd.read_csv(tmp_path / "t.csv")
    pd.testing.assert_frame_equal(back, table, check_exact=True)


def test_a_folder_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "model"
    for name in ("old", "new"):
        with whole_folder(target) as folder:
            (folder / name).touch()
    assert [file.name for file in target.iterdir()] == ["new"]
    assert list(tmp_path.iterdir()) == [target]


def test_a_failure_leaves_the_old_folder(tmp_path: Path) -> None:
    target = tmp_path / "model"
    with whole_folder(target) as folder:
        (folder / "old").touch()
    with pytest.raises(FileNotFoundError):
        _break_off(target)
    assert [file.name for file in target.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [target]


def _break_off(target: Path) -> None:
    with whole_folder(target) as folder:
        (folder / "half").touch()
        (folder / "missing").unlink()


def test_a_link_to_another_disk_stays(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    link = tmp_path / "model"
    link.symlink_to(tmp_path / "disk")
    for name in ("old", "new"):
        with whole_folder(link) as folder:
            (folder / name).touch()
    assert link.is_symlink()
    assert [file.name for file in (tmp_path / "disk").iterdir()] == ["new"]


@pytest.mark.parametrize("taken", ["models", "models/best"])
def test_a_file_in_the_place_of_a_folder_is_a_users_fault(taken: str, tmp_path: Path) -> None:
    (tmp_path / taken).parent.mkdir(exist_ok=True)
    (tmp_path / taken).touch()
    with pytest.raises(UserError, match=r"cannot be written .* move away what has its name"):
        _write_one(tmp_path / "models" / "best")


def _write_one(target: Path) -> None:
    with whole_folder(target) as folder:
        (folder / "one").touch()
