import json
import multiprocessing
from pathlib import Path

import pytest

from tribar.errors import UserError
from tribar.study.journal import _digest, open_journal
from tribar.trial.result import Span
from tribar.trials import PruneCheck, TrialRow

CHECK = PruneCheck(0, 1.5, 1.25, 3, "median", pruned=True)
ROWS = (
    TrialRow(0, "COMPLETE", (0.1 + 0.2,), {"hidden_dim": 64, "cell": "gru"}, (1.5, 0.1 + 0.2)),
    TrialRow(
        1,
        "PRUNED",
        (1.5,),
        {"hidden_dim": 32, "cell": "lstm"},
        (1.5,),
        (CHECK,),
        {"completed_rung_0": 1.5},
        "because",
    ),
    TrialRow(2, "FAIL", (), {"hidden_dim": 48, "cell": "lstm"}, reason="Diverged: ünïcode"),
)

OLD = '{"format": 3}'


def write(folder: Path, rows: tuple[TrialRow, ...] = ROWS) -> Path:
    with open_journal(folder, print) as journal:
        for row in rows:
            journal.append(row)
    return folder / "journal.jsonl"


def read(folder: Path) -> dict[int, TrialRow]:
    with open_journal(folder, print) as journal:
        return dict(journal.rows)


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    write(tmp_path)
    assert tuple(read(tmp_path).values()) == ROWS


def test_a_last_line_cut_anywhere_costs_its_trial_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(tmp_path)
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for size in range(start + 1, len(whole)):
        path.write_bytes(whole[:size])
        assert tuple(read(tmp_path).values()) == ROWS[:2]
        assert "line 4 was cut short" in capsys.readouterr().out
        assert path.read_bytes() == whole[:start]


def test_a_cut_first_line_starts_the_journal_again(tmp_path: Path) -> None:
    path = write(tmp_path, ())
    path.write_bytes(path.read_bytes()[:5])
    assert read(tmp_path) == {}
    write(tmp_path)
    assert tuple(read(tmp_path).values()) == ROWS


@pytest.mark.parametrize("line", [1, 2, 3])
def test_a_damaged_earlier_line_is_named(line: int, tmp_path: Path) -> None:
    path = write(tmp_path)
    lines = path.read_bytes().splitlines(keepends=True)
    lines[line - 1] = lines[line - 1].replace(b'"', b"'", 1)
    path.write_bytes(b"".join(lines))
    with pytest.raises(UserError, match=rf"journal.jsonl: line {line} is damaged"):
        read(tmp_path)


def test_a_newer_format_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("tribar.study.journal.FORMAT", 5)
        write(tmp_path)
    with pytest.raises(UserError, match="journal format 5, this version reads formats 2, 3, 4"):
        read(tmp_path)


def test_when_a_trial_ran_stands_beside_its_row(tmp_path: Path) -> None:
    span = Span(1_700_000_000.125, 1_700_000_003.5)
    with open_journal(tmp_path, print) as journal:
        journal.append(ROWS[0], span)
        journal.append(ROWS[1])
        assert journal.spans == {0: span}
    with open_journal(tmp_path, print) as journal:
        assert journal.spans == {0: span}
        assert tuple(journal.rows.values()) == ROWS[:2]


def test_a_journal_without_times_is_read_and_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path, ROWS[:2])
    _, *lines = path.read_text().splitlines()
    path.write_text("\n".join([f"{_digest(OLD)} {OLD}", *lines, ""]))
    write(tmp_path, ROWS[2:])
    assert tuple(read(tmp_path).values()) == ROWS


def test_the_earlier_format_is_read_and_goes_on(tmp_path: Path) -> None:
    path = write(tmp_path, ROWS[:1])
    lines = path.read_text().splitlines()
    header = '{"format": 2}'
    row = json.loads(lines[1].partition(" ")[2]) | {"value": 0.1 + 0.2, "values": []}
    earlier = (header, json.dumps(row, sort_keys=True))
    path.write_text("".join(f"{_digest(text)} {text}\n" for text in earlier))
    assert read(tmp_path) == {0: ROWS[0]}
    write(tmp_path, ROWS[1:])
    assert tuple(read(tmp_path).values()) == ROWS


def test_a_folder_that_takes_no_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="cannot be written"):
        read(tmp_path / "file" / "study")


def _hold(folder: Path, held: "multiprocessing.synchronize.Event") -> None:
    with open_journal(folder, print) as journal:
        held.set()
        journal.append(ROWS[0])


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    spawn = multiprocessing.get_context("spawn")
    held = spawn.Event()
    said: list[str] = []
    with open_journal(tmp_path, said.append):
        other = spawn.Process(target=_hold, args=(tmp_path, held))
        other.start()
        assert not held.wait(1.0)
    other.join()
    assert held.is_set()
    assert read(tmp_path) == {0: ROWS[0]}


def test_a_line_holds_no_time_and_no_place(tmp_path: Path) -> None:
    first = write(tmp_path / "a").read_bytes()
    assert first == write(tmp_path / "b").read_bytes()
    for line in first.decode().splitlines():
        assert isinstance(json.loads(line.partition(" ")[2]), dict)
