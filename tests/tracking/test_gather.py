"""What is logged of a run: the files of its stages say it, and the study's journal."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.tracking.conftest import BEGAN, STUDY
from tribar.config.schema import Params
from tribar.dataset.prepared import fingerprint, read_split
from tribar.dataset.schema import Schema
from tribar.errors import UserError
from tribar.outputs.workspace import STUDIES, TEST, TRIALS, Workspace
from tribar.study.journal import open_journal
from tribar.tracking.gather.description import shortened
from tribar.tracking.gather.provenance import provenance
from tribar.tracking.gather.run import pipeline_record
from tribar.tracking.record import ChildRecord, PipelineRecord
from tribar.trial.result import Span
from tribar.trials import from_lines

Read = Callable[..., Params]
SPAN = Span(BEGAN, BEGAN)


def children(record: PipelineRecord, kind: str) -> dict[str, ChildRecord]:
    return {one.name: one for one in record.children if one.kind == kind}


def test_few_figures_come_first_and_are_those_of_the_stages(
    record: PipelineRecord, workspace: Workspace
) -> None:
    found = json.loads((workspace.root / "results/evaluate/metrics.json").read_text())
    assert record.metrics["test.best.log_loss"] == found["best"]["log_loss"]
    low = found["comparison"]["best_minus_baseline"]["low"]
    assert record.metrics["test.best_minus_baseline.low"] == low
    assert len(record.metrics) == 12
    assert len(record.params) < 20
    best = json.loads((workspace.root / "results/tune/best_params.json").read_text())
    assert record.params["best.hidden_dim"] == str(best["hidden_dim"])
    assert "best.optimizer" not in record.params
    assert json.loads(record.texts["params.json"])["training"]["optimizer"] == "adam"


def test_by_default_the_best_trials_the_winner_and_the_seeds_have_runs(
    workspace: Workspace, shrunk: Read
) -> None:
    """The winner on fresh seeds, trial 30, was the third in the study, trial 28 the first."""
    record = pipeline_record(shrunk("tracking.top=1"), workspace, SPAN)
    assert list(children(record, "trial")) == ["trial 28", "trial 30"]
    assert list(children(record, "seed")) == ["seed 0", "seed 1", "seed 2"]
    curves = children(record, "seed")["seed 1"].curves
    assert curves.keys() == {"train_loss", "validation_loss"}
    assert len(curves["train_loss"]) == len(curves["validation_loss"]) > 1


def test_all_trials_have_runs_that_ended_as_they_did(workspace: Workspace, shrunk: Read) -> None:
    record = pipeline_record(shrunk("tracking.trials=all"), workspace, SPAN)
    rows = from_lines((workspace.root / TRIALS).read_text())
    ended = {"COMPLETE": "FINISHED", "PRUNED": "KILLED", "FAIL": "FAILED"}
    found = list(children(record, "trial").values())
    assert [one.status for one in found] == [ended[row.state] for row in rows]
    assert {one.status for one in found} == {"FINISHED", "KILLED"}
    assert [one.curves["validation_loss"] for one in found] == [row.curve for row in rows]
    assert "trial 5: PRUNED" in found[5].description
    assert found[5].tags["reason"] == rows[5].reason


def test_a_failed_trial_has_a_run_without_a_value(workspace: Workspace, shrunk: Read) -> None:
    root = Path(shutil.copytree(workspace.root, workspace.root.parent / "failed"))
    rows = from_lines((root / TRIALS).read_text())
    failed = replace(rows[5], state="FAIL", values=(), reason="Diverged: nan")
    lines = (root / TRIALS).read_text().splitlines(keepends=True)
    lines[5] = json.dumps(failed.to_json(), sort_keys=True) + "\n"
    (root / TRIALS).write_text("".join(lines))
    record = pipeline_record(shrunk("tracking.trials=all"), Workspace(root, None, root), SPAN)
    child = children(record, "trial")["trial 5"]
    assert child.status == "FAILED"
    assert "value" not in child.curves
    assert child.span is None  # no study here has such a trial


def test_trials_have_the_durations_of_their_study(
    workspace: Workspace, record: PipelineRecord, shrunk: Read
) -> None:
    child = children(record, "trial")["trial 30"]
    assert child.span == Span(BEGAN + 300, BEGAN + 331)
    assert all(one.span is None for one in children(record, "seed").values())
    # Trial n runs for n + 1 s and begins 10 s after the one before: all but the last fill the gaps.
    assert record.trials_seconds == sum(min(n + 1, 10) for n in range(31)) + 32
    assert record.name == f"us_indices {STUDY[:8]}"
    assert record.tags["study"] == STUDY


def test_the_study_of_other_results_tells_no_durations(workspace: Workspace, shrunk: Read) -> None:
    root = Path(shutil.copytree(workspace.root, workspace.root.parent / "other"))
    shutil.rmtree(root / STUDIES)
    first = from_lines((root / TRIALS).read_text())[0]
    with open_journal(root / STUDIES / "ffff", print) as journal:
        journal.append(replace(first, params={"x": 1}), SPAN)
    record = pipeline_record(shrunk(), Workspace(root, None, root), SPAN)
    assert record.trials_seconds is None
    assert record.tags["study"] != "ffff"
    assert all(one.span is None for one in record.children)


def test_under_dvc_a_run_has_the_experiments_name(
    workspace: Workspace, shrunk: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "milky-harp")
    record = pipeline_record(shrunk(), workspace, SPAN)
    assert record.name == record.tags["dvc.experiment"] == "milky-harp"


def test_the_description_is_the_verdict(record: PipelineRecord, workspace: Workspace) -> None:
    lines = (workspace.root / "results/evaluate/verdict.txt").read_text().splitlines()
    assert record.description.startswith(f"**{lines[0]}**\n")
    assert f"- {lines[-1]}" in record.description
    assert "```text\n test split     log_loss" in record.description


def test_what_mlflow_does_not_admit_is_cut_and_says_so() -> None:
    cut = shortened("é" * 8001)
    assert len(cut) == 8000
    assert cut.endswith("éé\n… cut here: MLflow admits no more")
    assert shortened("é" * 8000) == "é" * 8000


def test_a_dataset_has_the_digest_of_its_content(
    record: PipelineRecord, workspace: Workspace
) -> None:
    development, test = record.datasets
    assert (development.name, development.context) == ("us_indices development", "training")
    assert (test.name, test.context) == ("us_indices test", "testing")
    assert test.digest == fingerprint(read_split(workspace.root / TEST))[:16]
    assert development.digest != test.digest
    assert test.source == str(workspace.root / "data/raw/us_indices.csv.gz")


@pytest.mark.parametrize(
    ("path", "remedy"),
    [
        ("results/evaluate/verdict.txt", "run `tribar evaluate`"),
        ("results/train-best/curves.csv", "run `tribar train-best`"),
        ("results/tune/trials.jsonl", "run `tribar tune`"),
        ("data/prepared/test/rows.npy", "run `tribar prepare`"),
    ],
)
def test_a_missing_result_is_named(
    workspace: Workspace, shrunk: Read, tmp_path: Path, path: str, remedy: str
) -> None:
    root = Path(shutil.copytree(workspace.root, tmp_path / "copy"))
    (root / path).unlink()
    with pytest.raises(UserError, match=remedy):
        pipeline_record(shrunk(), Workspace(root, None, root), SPAN)


def test_where_it_came_from_is_told_without_a_password(repository: Path, tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "--quiet", "--initial-branch", "trunk"], check=True)
    address = "https://me:secret@localhost/runs.git"
    subprocess.run([*git, "remote", "add", "origin", address], check=True)
    tags = provenance(tmp_path, Schema((), 1, 1, 1, "0" * 64))
    assert tags["mlflow.source.git.repoURL"] == "https://localhost/runs.git"
    assert tags["mlflow.source.git.branch"] == "trunk"
    assert tags["mlflow.source.name"] == str(tmp_path / "dvc.yaml")
    assert "mlflow.source.git.commit" not in tags
    assert len(provenance(repository, Schema((), 1, 1, 1, "0"))["mlflow.source.git.commit"]) == 40


def test_a_run_began_with_the_command_of_dvc_around_it(tmp_path: Path) -> None:
    told = "from tribar.tracking.gather.durations import command_began as b; print(b())"
    (tmp_path / "dvc").write_text(
        "import psutil, subprocess, sys, time\n"
        "print(psutil.Process().create_time(), flush=True)\n"
        "time.sleep(0.2)\n"
        f"subprocess.run(['sh', '-c', sys.executable + ' -c \"{told}\"; true'], check=True)\n"
    )
    said = subprocess.run(
        [sys.executable, str(tmp_path / "dvc")], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    assert said[0] == said[1]
    alone = subprocess.run(
        [sys.executable, "-c", f"import psutil; print(psutil.Process().create_time()); {told}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert alone[0] == alone[1]
