import json
import multiprocessing
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import optuna
import pandas as pd
import pytest
from optuna_dashboard import get_note, save_note

from tests.records.postgres import Server, binaries, free_port, serve
from tests.running import QUICK, options, run
from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.execution.executors import InlineExecutor
from tribar.records import optuna_export as storage
from tribar.records.dashboard_notes import write_notes
from tribar.records.explain import explain
from tribar.records.optuna_export import VARIABLE, Export, Target, storage_url, study_name
from tribar.stages.tune import tables
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trial.result import Span
from tribar.trials import Direction, TrialRow

Shrunk = Callable[..., Params]
Rows = tuple[TrialRow, ...]
NO_SPANS: Mapping[int, Span] = {}


@pytest.fixture(scope="module")
def params(shrunk: Shrunk) -> Params:
    space = "{type: categorical, choices: [lstm, gru]}"
    return shrunk("tune.n_trials=16", f"tune.space.cell={space}")


@pytest.fixture(scope="module")
def rows(params: Params, tmp_path_factory: pytest.TempPathFactory) -> Rows:
    objective = Landscape(params, fails=frozenset({3}))
    with open_journal(tmp_path_factory.mktemp("study"), print) as journal:
        pool = TrialPool(objective, InlineExecutor(), journal)
        found = run_study(params.tune, {}, 4, DOWN, pool).rows
    assert {row.state for row in found} == {"COMPLETE", "PRUNED", "FAIL"}
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    with serve(programs) as running:
        yield running


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/optuna.db?timeout=60"
    server: Server = request.getfixturevalue("server")
    return server.url


def target(params: Params, url: str, name: str = "tribar-0123") -> Target:
    return Target(url, name, params.tune.space, {"optimizer": "adam"}, DOWN)


def export(
    there: Target,
    rows: Sequence[TrialRow],
    spans: Mapping[int, Span] = NO_SPANS,
    winner: int | None = None,
) -> list[str]:
    said: list[str] = []
    with Export(there, spans, said.append) as one:
        for row in rows:
            one.put(row)
        one.winner = winner
    return said


def load(there: Target) -> optuna.Study:
    return optuna.load_study(study_name=there.name, storage=there.url)


def facts(there: Target) -> list[object]:
    return [
        (one.number, one.state.name, one.value, one.params, one.intermediate_values)
        for one in load(there).trials
    ]


def expected(rows: Sequence[TrialRow]) -> list[object]:
    return [
        (row.number, row.state, row.value, row.params, dict(enumerate(row.curve))) for row in rows
    ]


def test_plain_optuna_reads_what_the_tables_say(url: str, params: Params, rows: Rows) -> None:
    there = target(params, url, "tribar-tables")
    assert export(there, rows) == []
    study = load(there)
    table = tables.trial_table(rows, params.tune.space)
    assert [trial.number for trial in study.trials] == table["trial"].tolist()
    assert [trial.state.name for trial in study.trials] == table["state"].tolist()
    values = pd.Series([trial.value for trial in study.trials], dtype=float, name="value")
    pd.testing.assert_series_equal(values, table["value"], check_exact=True)
    for name in params.tune.space:
        assert [trial.params[name] for trial in study.trials] == table[name].tolist()
    assert [trial.user_attrs.get("reason", "") for trial in study.trials] == list(table["reason"])
    curves = [
        (trial.number, epoch, loss)
        for trial in study.trials
        for epoch, loss in trial.intermediate_values.items()
    ]
    assert curves == list(tables.curve_table(rows).itertuples(index=False, name=None))
    assert study.best_value == table["best"].iloc[-1]


def test_a_resumed_export_adds_only_what_is_missing(url: str, params: Params, rows: Rows) -> None:
    there = target(params, url, "tribar-resumed")
    export(there, rows[:5])
    before = load(there).trials
    assert len(before) == 5
    assert export(there, rows) == []
    after = load(there).trials
    assert [one.datetime_complete for one in after[:5]] == [one.datetime_complete for one in before]
    assert facts(there) == expected(rows)


def trial_of(study: optuna.Study, number: int) -> optuna.Trial:
    return optuna.Trial(study, study.trials[number]._trial_id)


def notes(study: optuna.Study) -> list[str]:
    return [get_note(trial_of(study, number)) for number in range(len(study.trials))]


def test_the_dashboards_own_reader_finds_the_explanations(
    url: str, params: Params, rows: Rows
) -> None:
    there = target(params, url, "tribar-notes")
    export(there, rows[:8])
    assert notes(load(there)) == [
        f"```\n{explain(row, rows[:8], Direction.MINIMIZE)}\n```" for row in rows[:8]
    ]
    export(there, rows, winner=5)
    assert notes(load(there)) == [
        f"```\n{explain(row, rows, Direction.MINIMIZE, 5)}\n```" for row in rows
    ]


def test_a_note_that_somebody_has_edited_stays(params: Params, rows: Rows, tmp_path: Path) -> None:
    there = target(params, f"sqlite:///{tmp_path}/optuna.db")
    export(there, rows[:3])
    save_note(trial_of(load(there), 1), "by hand")
    export(there, rows)
    found = notes(load(there))
    assert found[1] == "by hand"
    assert found[2] == f"```\n{explain(rows[2], rows, Direction.MINIMIZE)}\n```"


def test_a_note_longer_than_an_attribute_and_a_shorter_one_after_it(
    params: Params, rows: Rows, tmp_path: Path
) -> None:
    there = target(params, f"sqlite:///{tmp_path}/optuna.db")
    export(there, rows[:1])
    for text in ("x" * 5000, "short"):
        write_notes(load(there), {0: text})
        assert notes(load(there)) == [f"```\n{text}\n```"]


def test_trials_have_the_times_at_which_they_ran(url: str, params: Params, rows: Rows) -> None:
    there = target(params, url, "tribar-times")
    spans = {1: Span(1_700_000_000.25, 1_700_000_010.5), 2: Span(1_700_000_001.0, 1_700_000_001.0)}
    export(there, rows[:3], spans)
    unknown, one, two = load(there).trials
    assert one.datetime_start == datetime.fromtimestamp(1_700_000_000.25)
    assert one.duration == timedelta(seconds=10.25)
    assert two.duration == unknown.duration == timedelta(0)


def test_the_metric_has_its_name(params: Params, rows: Rows, tmp_path: Path) -> None:
    there = target(params, f"sqlite:///{tmp_path}/optuna.db")
    export(there, rows)
    assert load(there).metric_names == ["log_loss"]


def test_a_study_is_called_by_what_it_tunes_and_by_its_identity(shrunk: Shrunk) -> None:
    cells = "tune.space.cell={type: categorical, choices: [lstm, gru]}"
    folder = "prepare.source=data/raw"
    assert study_name(shrunk(), "0123") == "us_indices-lstm-0123"
    assert study_name(shrunk("model.cell=gru", folder), "4567") == "raw-gru-4567"
    assert study_name(shrunk(cells), "89ab") == "us_indices-lstm+gru-89ab"


def test_other_studies_in_the_storage_are_left_alone(url: str, params: Params, rows: Rows) -> None:
    first, second = target(params, url, "tribar-1"), target(params, url, "tribar-2")
    export(first, rows[:6])
    export(second, rows)
    assert facts(first) == expected(rows[:6])
    assert facts(second) == expected(rows)


def test_a_shorter_study_leaves_the_trials_of_the_longer_one(
    params: Params, rows: Rows, tmp_path: Path
) -> None:
    there = target(params, f"sqlite:///{tmp_path}/optuna.db")
    export(there, rows)
    export(there, rows[:5])
    assert facts(there) == expected(rows)


def test_studies_that_start_at_once_on_one_new_file_do_not_break_each_other(
    params: Params, rows: Rows, tmp_path: Path
) -> None:
    spawn = multiprocessing.get_context("spawn")
    url = f"sqlite:///{tmp_path}/optuna.db?timeout=60"
    targets = [target(params, url, f"tribar-{number}") for number in range(3)]
    others = [spawn.Process(target=_export_alone, args=(one, rows)) for one in targets]
    for other in others:
        other.start()
    for other in others:
        other.join()
    assert [other.exitcode for other in others] == [0, 0, 0]
    for one in targets:
        assert facts(one) == expected(rows)


def _export_alone(there: Target, rows: Rows) -> None:
    assert export(there, rows) == []


def broken(url: str, folder: Path) -> str:
    sqlite3.connect(folder / "read_only.db").close()
    return url.format(folder=folder, port=free_port())


BROKEN = {
    "no URL": ("nonsense", "parse"),
    "no driver": ("mysql://127.0.0.1/tribar", "MySQLdb"),
    "no folder": ("sqlite:///{folder}/missing/optuna.db", "unable to open"),
    "no server": ("postgresql+psycopg://me:secret@127.0.0.1:{port}/tribar", "refused"),
    "read-only": ("sqlite:///file:{folder}/read_only.db?mode=ro&uri=true", "readonly database"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_storage_is_one_line_and_the_study_goes_on(
    case: str, params: Params, rows: Rows, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    url, reason = BROKEN[case]
    said = export(target(params, broken(url, tmp_path)), rows)
    assert len(said) == 1
    assert "\n" not in said[0]
    assert reason in said[0]
    assert VARIABLE in said[0]
    assert "secret" not in said[0]
    assert capfd.readouterr() == ("", "")


def test_a_server_that_dies_half_way_costs_one_line_and_a_later_run_catches_up(
    server: Server, params: Params, rows: Rows
) -> None:
    there = target(params, server.url, "tribar-dies")
    optuna.get_all_study_names(
        there.url
    )  # two that make the tables at once are in each other's way
    said: list[str] = []
    with Export(there, NO_SPANS, said.append) as one:
        for row in rows[:5]:
            one.put(row)
        while len(_trials_of(there)) < 5:
            time.sleep(0.05)
        server.stop()
        for row in rows[5:]:
            one.put(row)
    assert len(said) == 1
    assert "failed" in said[0]
    server.start()
    assert facts(there) == expected(rows[:5])
    assert export(there, rows) == []
    assert facts(there) == expected(rows)


def _trials_of(there: Target) -> list[optuna.trial.FrozenTrial]:
    names = optuna.get_all_study_names(there.url)
    return load(there).trials if there.name in names else []


def test_a_locked_database_is_not_waited_for_without_end(
    params: Params, rows: Rows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = target(params, f"sqlite:///{tmp_path}/optuna.db?timeout=60")
    export(there, rows[:1])
    monkeypatch.setattr(storage, "_PATIENCE", 0.2)
    with sqlite3.connect(tmp_path / "optuna.db", isolation_level=None) as other:
        other.execute("begin exclusive")
        said = export(there, rows)
        other.execute("rollback")
    assert said == ["export: the Optuna storage is slow; the next run writes what it still lacks"]


def test_the_environment_names_the_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert storage_url(Path("/home/optuna.db")).startswith("sqlite:////home/optuna.db")
    for value, url in {"none": "", "": "", "postgresql://me@db/x": "postgresql://me@db/x"}.items():
        monkeypatch.setenv(VARIABLE, value)
        assert storage_url(Path("/home/optuna.db")) == url


def test_the_dashboard_shows_the_study(params: Params, rows: Rows, tmp_path: Path) -> None:
    there = target(params, f"sqlite:///{tmp_path}/optuna.db")
    export(there, rows)
    port = free_port()
    program = str(Path(sys.executable).with_name("optuna-dashboard"))
    dashboard = subprocess.Popen(
        [program, there.url, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        (shown,) = _get(dashboard, f"http://127.0.0.1:{port}/api/studies")["study_summaries"]
        url = f"http://127.0.0.1:{port}/api/studies/{shown['study_id']}"
        assert shown["study_name"] == there.name
        trials = _get(dashboard, url)["trials"]
        assert [trial["number"] for trial in trials] == [row.number for row in rows]
        said = [explain(row, rows, Direction.MINIMIZE) for row in rows]
        assert [trial["note"]["body"] for trial in trials] == [f"```\n{one}\n```" for one in said]
    finally:
        dashboard.terminate()
        dashboard.wait()


def _get(server: "subprocess.Popen[bytes]", url: str) -> dict[str, list[dict[str, Any]]]:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url) as answer:
                content: dict[str, list[dict[str, Any]]] = json.load(answer)
                return content
        except urllib.error.URLError:
            time.sleep(0.2)
    raise AssertionError("the dashboard has ended")


@pytest.mark.slow
def test_the_stage_exports_and_a_broken_storage_changes_no_result(
    prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    good = _tune(prepared, tmp_path / "good")
    monkeypatch.setenv(VARIABLE, "sqlite:////missing/folder/optuna.db")
    bad = _tune(prepared, tmp_path / "bad")
    assert "failed" not in good
    assert bad.count("export to the Optuna storage failed") == 1
    for path in sorted((tmp_path / "good/results/tune").iterdir()):
        assert (tmp_path / "bad/results/tune" / path.name).read_bytes() == path.read_bytes()
    assert not (tmp_path / "bad/optuna.db").exists()

    (study,) = optuna.get_all_study_summaries(f"sqlite:///{tmp_path}/good/optuna.db")
    (folder,) = (tmp_path / "good/.tribar/studies").iterdir()
    assert study.study_name == f"us_indices-lstm-{folder.name}"
    stored = optuna.load_study(
        study_name=study.study_name, storage=f"sqlite:///{tmp_path}/good/optuna.db"
    )
    assert all(
        one.duration is not None and one.duration.total_seconds() > 0.01 for one in stored.trials
    )
    journal = (folder / "journal.jsonl").read_text()
    assert journal.count('"span"') == study.n_trials
    assert "span" not in (tmp_path / "good/results/tune/trials.jsonl").read_text()
    output = ("--output", str(tmp_path / "good"), *options(*QUICK))
    for trial in stored.trials:
        said = run("explain", str(trial.number), *output, home=tmp_path / "good").stdout
        assert get_note(trial_of(stored, trial.number)) == f"```\n{said.rstrip()}\n```"
    table = pd.read_csv(tmp_path / "good/results/tune/trials.csv")
    assert study.n_trials == len(table)
    assert study.best_trial is not None
    assert study.best_trial.value == table["best"].iloc[-1]


def _tune(prepared: Path, folder: Path) -> str:
    (folder / "data").mkdir(parents=True)
    (folder / "data/prepared").symlink_to(prepared / "data/prepared")
    return run("tune", "--output", str(folder), *options(*QUICK), home=folder).stdout
