from pathlib import Path

import pytest

from tribar.errors import UserError
from tribar.files import unwritable_as_user_error, whole_folder


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
    with pytest.raises(ZeroDivisionError):
        _break_off(target)
    assert [file.name for file in target.iterdir()] == ["old"]
    assert list(tmp_path.iterdir()) == [target]


def _break_off(target: Path) -> None:
    with whole_folder(target) as folder:
        (folder / "half").touch()
        raise ZeroDivisionError


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


def test_whatever_the_system_refuses_is_told_with_its_reason_and_what_is_safe() -> None:
    with (
        pytest.raises(
            UserError, match=r"a/b: cannot be written \(no space\); trials are safe: make"
        ),
        unwritable_as_user_error(Path("a/b"), "trials are safe"),
    ):
        raise OSError("no space")
