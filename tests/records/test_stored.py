import json
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.records.identity import Identity, identify
from tribar.records.stored import (
    PARTS,
    StoredStudy,
    changes,
    delete,
    find_studies,
    find_study,
    names,
    why_new,
)
from tribar.study.journal import open_journal
from tribar.trials import TrialRow

ROWS = (
    TrialRow(1, "COMPLETE", (1.0,), {"x": 1}, (1.0,)),
    TrialRow(0, "FAIL", (), {"x": 2}, reason="RuntimeError: made up"),
)
DIGESTS = ("aa00", "aa11", "bb22")


def store(folder: Path, written: int, parts: dict[str, str] | None = None) -> None:
    with open_journal(folder, print) as journal:
        for row in ROWS:
            journal.append(row)
    if parts is not None:
        (folder / PARTS).write_text(json.dumps(parts))
    os.utime(folder / "journal.jsonl", (written, written))


@pytest.fixture
def studies(tmp_path: Path) -> tuple[StoredStudy, ...]:
    for digest, written in zip(DIGESTS, (200, 300, 100), strict=True):
        store(tmp_path / digest, written, {"seed": str(written)})
    (tmp_path / "no study").mkdir()
    (tmp_path / "no folder").touch()
    return find_studies(tmp_path)


def test_studies_come_newest_first_with_parts_and_rows(studies: tuple[StoredStudy, ...]) -> None:
    assert [study.digest for study in studies] == ["aa11", "aa00", "bb22"]
    assert studies[0].parts == {"seed": "300"}
    assert studies[0].rows() == (ROWS[1], ROWS[0])
    assert names(studies) == "aa11, aa00, bb22"


def test_a_folder_that_is_not_there_holds_no_study(tmp_path: Path) -> None:
    assert find_studies(tmp_path / "none") == ()


@pytest.mark.parametrize("parts", ["", "{", None])
def test_parts_that_cannot_be_read_are_no_parts(parts: str | None, tmp_path: Path) -> None:
    store(tmp_path / "aa", 1)
    if parts is not None:
        (tmp_path / "aa" / PARTS).write_text(parts)
    assert find_studies(tmp_path)[0].parts == {}


@pytest.mark.parametrize(("prefix", "digest"), [("aa1", "aa11"), ("bb22", "bb22"), ("b", "bb22")])
def test_a_beginning_is_enough_to_name_a_study(
    prefix: str, digest: str, studies: tuple[StoredStudy, ...]
) -> None:
    assert find_study(studies, prefix).digest == digest


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("a", "study 'a': may be aa11, aa00; write more of its digits"),
        ("", "study '': may be aa11, aa00, bb22; write more of its digits"),
        ("c", "study 'c': no such study; there are aa11, aa00, bb22"),
        ("a11", "study 'a11': no such study"),
        ("aa000", "study 'aa000': no such study"),
    ],
)
def test_a_name_of_no_study_or_of_several(
    prefix: str, message: str, studies: tuple[StoredStudy, ...]
) -> None:
    with pytest.raises(UserError) as caught:
        find_study(studies, prefix)
    assert message in str(caught.value)


def test_reading_a_journal_that_is_being_written_changes_nothing(tmp_path: Path) -> None:
    store(tmp_path / "aa", 1)
    path = tmp_path / "aa/journal.jsonl"
    whole = path.read_bytes()
    last = whole.rindex(b"\n", 0, -1) + 1
    for size in range(1, len(whole)):
        path.write_bytes(whole[:size])
        rows = find_studies(tmp_path)[0].rows()
        assert rows == (ROWS[:1] if size >= last else ())
        assert path.read_bytes() == whole[:size]


def test_a_damaged_journal_is_an_error_that_names_the_line(tmp_path: Path) -> None:
    store(tmp_path / "aa", 1)
    path = tmp_path / "aa/journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"number": 1', b'"number": 7'))
    with pytest.raises(UserError, match=r"journal.jsonl: line 2 is damaged"):
        find_studies(tmp_path)[0].rows()


HASHES = ("0" * 64, "9" * 64)
CHANGES = {
    "nothing": ({"seed": "1"}, {"seed": "1"}, []),
    "hash": ({"data": HASHES[0]}, {"data": HASHES[1]}, ["data"]),
    "text": ({"device": "cpu"}, {"device": "cuda"}, ["device: cpu -> cuda"]),
    "number": ({"seed": "42"}, {"seed": "43"}, ["base.seed: 42 -> 43"]),
    "key": (
        {"training": '{"max_epochs": 4, "patience": 1}'},
        {"training": '{"max_epochs": 5, "patience": 1}'},
        ["training.max_epochs: 4 -> 5"],
    ),
    "nested": (
        {"space": '{"space": {"x": {"low": 1, "high": 2}, "y": {"low": 1}}}'},
        {"space": '{"space": {"x": {"low": 1, "high": 3}, "z": {"low": 1}}}'},
        ["tune.space.x.high: 2 -> 3", "tune.space.y gone", "tune.space.z new"],
    ),
    "list": (
        {"space": '{"space": {"x": {"choices": [1, 2]}}}'},
        {"space": '{"space": {"x": {"choices": [1, 2, 3]}}}'},
        ["tune.space.x.choices: [1, 2] -> [1, 2, 3]"],
    ),
    "another sampler": (
        {"sampler": '{"tpe": {"a": 1}}'},
        {"sampler": '{"random": {}}'},
        ["tune.sampler.tpe gone", "tune.sampler.random new"],
    ),
    "new part": ({}, {"code": HASHES[0]}, ["code"]),
    "gone part": ({"model": '{"cell": "gru"}'}, {}, ["model gone"]),
    "several": (
        {"code": HASHES[0], "study": '{"lag": 1, "seed": 2}'},
        {"code": HASHES[1], "study": '{"lag": 4, "seed": 2}'},
        ["code", "tune.lag: 1 -> 4"],
    ),
}


@pytest.mark.parametrize("case", CHANGES)
def test_what_changed_by_hand(case: str) -> None:
    before, after, expected = CHANGES[case]
    assert changes(before, after) == expected


@pytest.mark.parametrize(
    ("override", "expected"),
    [
        ("training.max_epochs=9", "training.max_epochs: 8 -> 9"),
        ("base.seed=7", "base.seed: 42 -> 7"),
        ("baseline.cell=gru", "baseline.cell: lstm -> gru"),
        ("model.dropout=0.5", "model.dropout: 0.2 -> 0.5"),
        ("tune.seed=7", "tune.seed: 42 -> 7"),
        ("tune.lag=3", "tune.lag: 4 -> 3"),
        ("tune.space.dropout.high=0.4", "tune.space.dropout.high: 0.5 -> 0.4"),
        ("tune.sampler.tpe.n_ei_candidates=9", "tune.sampler.tpe.n_ei_candidates: 24 -> 9"),
        ("tune.pruner.median.n_min_trials=9", "tune.pruner.median.n_min_trials: 2 -> 9"),
    ],
)
def test_a_changed_parameter_is_named_as_params_yaml_names_it(
    override: str, expected: str, shrunk: Callable[..., Params], tmp_path: Path
) -> None:
    def identity(params: Params) -> Identity:
        return identify(params, tmp_path, "cpu")

    before, after = identity(shrunk()), identity(shrunk(override))
    assert changes(before.parts, after.parts) == [expected]


def test_a_new_study_is_held_against_the_newest_one_that_is_known(tmp_path: Path) -> None:
    store(tmp_path / "aa00", 100, {"seed": "1"})
    store(tmp_path / "aa11", 200, {"seed": "2"})
    store(tmp_path / "unknown", 300)
    store(tmp_path / "mine", 400, {"seed": "3"})
    found = find_studies(tmp_path)
    line = "study mine is new; changed since study aa11: base.seed: 2 -> 3"
    assert why_new("mine", {"seed": "3"}, found) == line
    assert why_new("mine", {"seed": "3"}, found[:1]) is None


def test_a_deleted_study_is_gone_and_the_others_are_not(studies: tuple[StoredStudy, ...]) -> None:
    folder = studies[0].folder
    (folder / "running/3").mkdir(parents=True)
    (folder / "running/3/0.safetensors").write_bytes(b"x" * 1000)
    expected = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    assert delete(studies[0]) == expected
    assert not folder.exists()
    assert find_studies(folder.parent) == studies[1:]


def _work(folder: Path, pipe: "multiprocessing.connection.Connection") -> None:
    with open_journal(folder, print):
        pipe.send("held")
        pipe.recv()


def test_a_study_that_a_process_works_on_is_not_deleted(studies: tuple[StoredStudy, ...]) -> None:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_work, args=(studies[0].folder, theirs), daemon=True)
    process.start()
    assert ours.recv() == "held"
    before = {file: file.read_bytes() for file in studies[0].folder.iterdir()}
    assert delete(studies[0]) is None
    assert {file: file.read_bytes() for file in studies[0].folder.iterdir()} == before
    process.kill()
    process.join()
    assert delete(studies[0])
