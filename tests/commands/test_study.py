"""`tribar explain` and `tribar study`, for real, on two small studies."""

import json
import multiprocessing
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.running import QUICK, ROOT, options, run
from tribar.records.explain import explain
from tribar.study.journal import open_journal
from tribar.trials import Direction, from_lines

QUICKER = (*QUICK, "prepare.window=60", "tune.pruner.median.n_warmup_steps=0")
OLD = options(*QUICKER, "tune.lag=1", "tune.n_trials=2", "training.max_epochs=1")
CURRENT = options(*QUICKER, "tune.lag=1", "tune.pruner.median.n_startup_trials=1")


@pytest.fixture(scope="module")
def tuned(prepared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Return a folder with an old and a current study, and what tune said of the latter."""
    folder = tmp_path_factory.mktemp("tuned")
    shutil.copytree(prepared / "data", folder / "data")
    run("tune", "--output", str(folder), *OLD, home=folder)
    done = run("tune", "--output", str(folder), *CURRENT, home=folder)
    return folder, done.stdout


@pytest.fixture
def home(tuned: tuple[Path, str], tmp_path: Path) -> Path:
    """Return a copy that a test may spoil."""
    return Path(shutil.copytree(tuned[0], tmp_path / "home"))


def said(home: Path, *arguments: str, given: list[str] = CURRENT, code: int = 0) -> str:
    done = run(*arguments, "--output", str(home), *given, home=home, code=code)
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def studies(home: Path) -> dict[str, str]:
    """Return the identity of the old and of the current study."""
    found = {
        str(json.loads(json.loads(path.read_text())["training"])["max_epochs"]): path.parent.name
        for path in home.glob(".tribar/studies/*/identity.json")
    }
    return {"old": found["1"], "current": found["2"]}


def test_a_new_study_says_what_changed(tuned: tuple[Path, str]) -> None:
    home, output = tuned
    known = studies(home)
    expected = (
        f"study {known['current']} is new; changed since study {known['old']}: "
        "tune.pruner.median.n_startup_trials: 2 -> 1, training.max_epochs: 1 -> 2"
    )
    assert output.splitlines()[0] == expected


def test_a_study_that_has_ended_keeps_no_rows(home: Path) -> None:
    rows = f".tribar/studies/{studies(home)['current']}/rows"
    assert not (home / rows).exists()
    assert "pruned" in said(home, "study", "audit", "--trials", "1")
    assert not (home / rows).exists()


def test_explanations_are_those_that_tracking_gets(tuned: tuple[Path, str]) -> None:
    home = tuned[0]
    rows = from_lines((home / "results/tune/trials.jsonl").read_text())
    stopped = next(row for row in rows if row.state == "PRUNED")
    winner = json.loads((home / "results/tune/metrics.json").read_text())["best_trial"]
    for row in (rows[0], stopped):
        assert (
            said(home, "explain", str(row.number))
            == explain(row, rows, Direction.MINIMIZE, winner) + "\n"
        )
    assert re.search(
        r"median +stop\nreason: median: [0-9.]+ after step",
        explain(stopped, rows, Direction.MINIMIZE),
    )


def test_another_study_explains_itself_by_the_beginning_of_its_name(
    tuned: tuple[Path, str],
) -> None:
    home = tuned[0]
    old = studies(home)["old"]
    text = said(home, "explain", "1", "--study", old[:6])
    assert text == said(home, "explain", "1", given=OLD)
    assert text.startswith("trial 1: ")
    assert "of 2 completed" in text


def test_the_list_counts_and_marks_the_current_study(tuned: tuple[Path, str]) -> None:
    home = tuned[0]
    known = studies(home)
    table = pd.read_csv(home / "results/tune/trials.csv")
    counts = [str((table["state"] == state).sum()) for state in ("COMPLETE", "PRUNED", "FAIL")]
    _, current, old = (line.split() for line in said(home, "study", "list").splitlines())
    assert current[:5] == [known["current"], *counts, f"{table['best'].min():.4f}"]
    assert current[-1] == "current"
    assert old[:4] == [known["old"], "2", "0", "0"]
    assert old[-1] != "current"
    assert said(home, "study", "list", given=OLD).splitlines()[2].endswith("current ")


def test_the_list_says_that_the_current_study_has_not_begun(tuned: tuple[Path, str]) -> None:
    lines = said(tuned[0], "study", "list", "-S", "tune.seed=1").splitlines()
    assert re.match("study [0-9a-f]{16}, that of the current parameters, has not begun", lines[-1])


def test_a_clone_without_a_study_explains_the_committed_results(tmp_path: Path) -> None:
    rows = from_lines((ROOT / "results/tune/trials.jsonl").read_text())
    winner = json.loads((ROOT / "results/tune/metrics.json").read_text())["best_trial"]
    explained = run("explain", "1", home=tmp_path).stdout
    assert f"\ntrial {winner} " in explained
    assert explained == explain(rows[1], rows, Direction.MINIMIZE, winner) + "\n"
    _, line = run("study", "list", home=tmp_path).stdout.splitlines()
    completed = sum(row.state == "COMPLETE" for row in rows)
    assert line.split()[:2] == ["results/tune", str(completed)]
    assert line.split()[-2:] == ["results", "alone"]
    assert "no study has run here" in run("verdict", home=tmp_path).stdout
    other = run("explain", "1", "-S", "tune.seed=5", home=tmp_path, code=2)
    assert "no study yet; run `tribar tune`" in other.stderr


def test_a_study_of_other_data_hides_no_committed_results(
    tuned: tuple[Path, str], tmp_path: Path
) -> None:
    """As after an experiment: the clone has a study, and none of its own parameters and data."""
    shutil.copytree(tuned[0] / ".tribar/studies", tmp_path / ".tribar/studies")
    rows = from_lines((ROOT / "results/tune/trials.jsonl").read_text())
    winner = json.loads((ROOT / "results/tune/metrics.json").read_text())["best_trial"]
    explained = run("explain", "1", home=tmp_path).stdout
    assert explained == explain(rows[1], rows, Direction.MINIMIZE, winner) + "\n"
    other = run("explain", "1", "-S", "prepare.window=30", home=tmp_path, code=2)
    assert "name one of the studies that exist" in other.stderr


def test_a_study_is_shown_whole(tuned: tuple[Path, str]) -> None:
    home = tuned[0]
    text = said(home, "study", "show")
    best = json.loads((home / "results/tune/best_params.json").read_text())
    figures = json.loads((home / "results/tune/metrics.json").read_text())
    known = studies(home)["current"]
    counts = f"{figures['completed']} COMPLETE, {figures['pruned']} PRUNED, 0 FAIL"
    assert f"study {known}: 5 trials ({counts})" in text
    assert f"best: {figures['best_value']:.6g} by trial {figures['best_trial']}" in text
    assert f"  learning_rate: {best['learning_rate']}\n" in text
    parts = json.loads((home / f".tribar/studies/{known}/identity.json").read_text())
    for name, part in parts.items():
        assert f"  {name}: {part}\n" in text
    assert said(home, "study", "show", known[:8]) == text


def test_an_export_holds_the_whole_study(tuned: tuple[Path, str], tmp_path: Path) -> None:
    home = tuned[0]
    known = studies(home)
    table = tmp_path / "new/trials.csv"
    assert (
        said(home, "study", "export", str(table))
        == f"{table}: 5 trials of study {known['current']}\n"
    )
    ours = pd.read_csv(table).sort_index(axis="columns")
    pd.testing.assert_frame_equal(
        ours, pd.read_csv(home / "results/tune/trials.csv").sort_index(axis="columns")
    )
    lines = tmp_path / "rows.json"
    said(home, "study", "export", str(lines), "--study", known["old"])
    journal = home / f".tribar/studies/{known['old']}/journal.jsonl"
    written = [json.loads(line.partition(" ")[2]) for line in journal.read_text().splitlines()[1:]]
    assert all(row.pop("span") for row in written)
    assert list(map(json.loads, lines.read_text().splitlines())) == written


def test_pruning_deletes_all_but_the_current_study(home: Path) -> None:
    known = studies(home)
    folder = home / ".tribar/studies"
    size = sum(file.stat().st_size for file in (folder / known["old"]).rglob("*") if file.is_file())
    assert said(home, "study", "prune-old", "--yes") == (
        f"study {known['old']}: deleted, {size} bytes\n"
    )
    assert [path.name for path in folder.iterdir()] == [known["current"]]
    assert said(home, "study", "prune-old", "--yes").startswith("nothing deleted")
    assert [path.name for path in folder.iterdir()] == [known["current"]]


@pytest.mark.parametrize(
    ("answer", "code", "message", "left"),
    [
        ("n\n", 0, "nothing deleted", 2),
        ("", 2, "error: nothing deleted: the question was not answered; pass --yes", 2),
        ("y\n", 0, "deleted, ", 1),
    ],
)
def test_pruning_asks_first(answer: str, code: int, message: str, left: int, home: Path) -> None:
    known = studies(home)
    done = subprocess.run(
        [sys.executable, "-m", "tribar", "study", "prune-old", "--output", str(home), *CURRENT],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "DVC_ROOT": str(home)},
        input=answer,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert f"delete {known['old']}, and keep {known['current']}? [y/N]" in done.stdout
    assert message in done.stdout + done.stderr
    assert len(list((home / ".tribar/studies").iterdir())) == left


def _work(folder: Path, pipe: "multiprocessing.connection.Connection") -> None:
    with open_journal(folder, print):
        pipe.send("held")
        pipe.recv()


@pytest.fixture
def busy(home: Path) -> Iterator[str]:
    """Let another process work on the old study; return its identity."""
    old = studies(home)["old"]
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    folder = home / ".tribar/studies" / old
    process = spawn.Process(target=_work, args=(folder, theirs), daemon=True)
    process.start()
    assert ours.recv() == "held"
    yield old
    process.kill()
    process.join()


def test_a_study_under_way_is_not_pruned_and_can_be_read(home: Path, busy: str) -> None:
    text = said(home, "study", "prune-old", "--yes")
    assert text == f"study {busy}: kept, a process works on it\n"
    assert len(list((home / ".tribar/studies").iterdir())) == 2
    assert said(home, "explain", "0", "--study", busy).startswith("trial 0: COMPLETE")


ERRORS: dict[str, tuple[str, tuple[str, ...], str]] = {
    "unknown study": (
        "study show zzz",
        (),
        "study 'zzz': no such study; there are {current}, {old}",
    ),
    "ambiguous study": ("explain 0 --study=", (), "may be {current}, {old}; write more"),
    "unknown study of a trial": ("explain 0 --study zzz", (), "study 'zzz': no such study"),
    "unknown trial": ("explain 5", (), "trial 5: study {current} has trials 0 to 4"),
    "trial beyond n_trials": (
        "explain 4",
        ("tune.n_trials=4",),
        "trial 4: study {current} has trials 0 to 3; name another study with --study",
    ),
    "study not begun": (
        "explain 0",
        ("tune.seed=1",),
        "not begun (changed since {current}: tune.seed: 42 -> 1); run `tribar tune`, "
        "or name one of the studies that exist: {current}, {old}",
    ),
    "nothing to keep": (
        "study prune-old --yes",
        ("tune.seed=1",),
        "run `tribar tune`, or delete folders of {home}/.tribar/studies yourself",
    ),
    "unknown ending": (
        "study export trials.parquet",
        (),
        "trials.parquet: ends in neither .json nor .csv",
    ),
    "export into a file": (
        "study export {home}/results/tune/trials.csv/x.csv",
        (),
        "x.csv: cannot be written (File exists)",
    ),
    "export over a folder": (
        "study export {home}/folder.csv",
        (),
        "folder.csv: cannot be written (Is a directory)",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_a_mistake_is_one_error_and_deletes_nothing(case: str, home: Path) -> None:
    command, overrides, message = ERRORS[case]
    (home / "folder.csv").mkdir()
    known = {**studies(home), "home": str(home)}
    given = [*CURRENT, *options(*overrides)]
    text = said(home, *command.format(**known).split(), given=given, code=2)
    assert text.startswith("error: ")
    assert len(text.splitlines()) == 1
    assert message.format(**known) in text
    assert len(list((home / ".tribar/studies").iterdir())) == 2


COMMANDS = (
    ("explain", "0"),
    ("study", "list"),
    ("study", "show"),
    ("study", "export", "x.csv"),
    ("study", "prune-old", "--yes"),
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_before_the_first_study(command: tuple[str, ...], tmp_path: Path) -> None:
    text = said(tmp_path, *command, code=2)
    folder = tmp_path / ".tribar/studies"
    assert text == f"error: {folder}: no study yet; run `tribar tune` or `dvc repro`\n"


def test_without_prepared_data_a_study_has_to_be_named(home: Path, tmp_path: Path) -> None:
    for path in ("src", "dvc.yaml", "params.yaml"):
        (tmp_path / path).symlink_to(ROOT / path)
    shutil.rmtree(home / "data")

    def bare(*arguments: str, code: int = 0) -> str:
        done = run(*arguments, cwd=tmp_path, home=home, code=code)
        return done.stdout + done.stderr

    for command in (("explain", "0"), ("study", "prune-old", "--yes")):
        assert "no prepared split, so nothing tells which study" in bare(*command, code=2)
    assert "current" not in bare("study", "list")
    old = studies(home)["old"]
    assert bare("explain", "0", "--study", old).startswith("trial 0: COMPLETE")


def test_a_damaged_journal_is_one_error_and_hides_no_other_study(home: Path) -> None:
    known = studies(home)
    path = home / f".tribar/studies/{known['current']}/journal.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"number": 1', b'"number": 8'))
    for command in (*COMMANDS[:1], *COMMANDS[2:4]):
        text = said(home, *command, code=2)
        assert text.startswith(f"error: {path}: line 3 is damaged")
        assert len(text.splitlines()) == 1
    lines = said(home, "study", "list").splitlines()
    assert any(line.split()[:4] == [known["old"], "2", "0", "0"] for line in lines)
    assert lines[-1].startswith(f"{path}: line 3 is damaged")
