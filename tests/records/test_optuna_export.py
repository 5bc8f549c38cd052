import json
import multiprocessing
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import optuna
import pandas as pd
import pytest

from tests.records.postgres import Server, binaries, free_port, serve
from tests.running import QUICK, options, run
from tests.study.landscape import DOWN, Landscape
from tribar.config.schema import Params
from tribar.execution.executors import InlineExecutor
from tribar.records import optuna_export as storage
from tribar.records.optuna_export import VARIABLE, Target, open_export, storage_url
from tribar.stages.tune import tables
from tribar.study.journal import open_journal
from tribar.study.loop import run_study
from tribar.study.pool import TrialPool
from tribar.trials import Direction, TrialRow

Shrunk = Callable[..., Params]
Rows = tuple[TrialRow, ...]


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
    return Target(url, name, params.tune.space, {"optimizer": "adam"}, (Direction.MINIMIZE,))


def export(there: Target, rows: Sequence[TrialRow]) -> list[str]:
    said: list[str] = []
    with open_export(there, said.append) as put:
        for row in rows:
            put(row)
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
    with open_export(there, said.append) as put:
        for row in rows[:5]:
            put(row)
        while len(_trials_of(there)) < 5:
            time.sleep(0.05)
        server.stop()
        for row in rows[5:]:
            put(row)
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
    finally:
        dashboard.terminate()
        dashboard.wait()


def _get(server: "subprocess.Popen[bytes]", url: str) -> dict[str, list[dict[str, object]]]:
    while server.poll() is None:
        try:
            with urllib.request.urlopen(url) as answer:
                content: dict[str, list[dict[str, object]]] = json.load(answer)
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
    assert study.study_name == f"tribar-{folder.name}"
    table = pd.read_csv(tmp_path / "good/results/tune/trials.csv")
    assert study.n_trials == len(table)
    assert study.best_trial is not None
    assert study.best_trial.value == table["best"].iloc[-1]


def _tune(prepared: Path, folder: Path) -> str:
    (folder / "data").mkdir(parents=True)
    (folder / "data/prepared").symlink_to(prepared / "data/prepared")
    return run("tune", "--output", str(folder), *options(*QUICK), home=folder).stdout
