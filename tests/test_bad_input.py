"""What a user may get wrong at the command line: one message, an exit code, nothing written."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from numpy.typing import NDArray

from tests.running import QUICK, ROOT, options, run
from tribar.model.config import LearningParams

HEADER = "timestamp,open,high,low,close,volume\n"


YEARS = pd.date_range("2020-01-01", periods=600)
WALK = np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.02, len(YEARS)))).round(3)


def bars(days: pd.DatetimeIndex, close: NDArray[np.float64]) -> str:
    """Return daily bars that open where they close."""
    lines = (
        f"{day:%Y-%m-%d},{price},{price + 1},{price / 2},{price},100\n"
        for day, price in zip(days, close, strict=False)
    )
    return HEADER + "".join(lines)


def labels(days: pd.DatetimeIndex, label: Callable[[int], int]) -> str:
    lines = (f"{day:%Y-%m-%d},{label(n)},{n % 5}\n" for n, day in enumerate(days))
    return "timestamp,label,x\n" + "".join(lines)


MONTH = bars(YEARS[:28], np.arange(8.0, 36.0))
FIFTH = "2020-01-05,12.0,13.0,6.0,12.0,100"
assert FIFTH in MONTH


def fifth(values: str) -> str:
    return MONTH.replace(FIFTH, f"2020-01-05,{values},100")


BARS: dict[str, tuple[str | None, str]] = {
    "missing file": (None, "no such file or folder; mend prepare.source"),
    "empty file": ("", "empty"),
    "missing column": (MONTH.replace("close", "note"), "no column is close"),
    "unparsable timestamp": (MONTH.replace("2020-01-05", "someday"), "line 6 ('someday')"),
    "duplicate timestamp": (MONTH.replace("2020-01-05", "2020-01-04"), "2020-01-04"),
    "negative price": (fifth("-12,13,11,12"), "open"),
    "zero price": (fifth("12,13,11,0"), "close"),
    "not a number": (fifth("12,nan,11,12"), "high"),
    "infinite price": (fifth("12,inf,11,12"), "high"),
    "high below low": (fifth("12,10,11,12"), "high"),
    "gap": (bars(YEARS[:100].union(YEARS[200:]), WALK), "2020-04-09 to 2020-07-19 (101 days)"),
    "constant price": (bars(YEARS, np.full(600, 5.0)), "close never changes"),
    "too few rows": (MONTH, "window + horizon needs 70 rows"),
    "class missing": (bars(YEARS, np.arange(8.0, 608.0)), "none of label -1"),
    "pickle": ("\x80\x04", "it is a pickle, and nothing is unpickled"),
}
LABELLED: dict[str, tuple[str | None, str]] = {
    "labels out of the set": (
        labels(YEARS, lambda n: 2 * (n % 3 - 1)),
        "label is none of -1, 0, 1",
    ),
    "class missing": (labels(YEARS, lambda n: n % 3 - 1 if n < 300 else 1), "none of label -1"),
    "split without a sample": (labels(YEARS[:75], lambda n: n % 3 - 1), "split has no sample"),
}
CASES = [("bars", case) for case in BARS] + [("labelled", case) for case in LABELLED]


@pytest.mark.parametrize(("kind", "case"), CASES)
def test_a_bad_source_is_one_error_and_writes_nothing(kind: str, case: str, tmp_path: Path) -> None:
    content, message = (BARS if kind == "bars" else LABELLED)[case]
    source, output = tmp_path / "source.csv", tmp_path / "out"
    if content is not None:
        source.write_text(content, encoding="latin-1")
    refuse(source, output, message, "-S", f"prepare.kind={kind}")


def refuse(source: Path, output: Path, message: str, *options: str) -> None:
    arguments = ("prepare", "--source", str(source), "--output", str(output), *options)
    done = run(*arguments, code=2)
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists() or list(output.iterdir()) == []


def test_a_folder_that_is_missing_or_holds_nothing(tmp_path: Path) -> None:
    refuse(tmp_path / "none", tmp_path / "out", "no such file or folder")
    (tmp_path / "empty").mkdir()
    refuse(tmp_path / "empty", tmp_path / "out", "no file to read; allowed: .csv")


def test_unsorted_rows_and_short_symbols_are_told_and_bear_no_fault(tmp_path: Path) -> None:
    source = tmp_path / "mixed"
    source.mkdir()
    ordered = bars(YEARS, WALK).splitlines(keepends=True)
    (source / "long.csv").write_text("".join([ordered[0], ordered[2], ordered[1], *ordered[3:]]))
    (source / "short.csv").write_text(MONTH)
    done = run(
        "prepare", "--source", str(source), "--output", str(tmp_path / "out"),
        *options("prepare.splits.folds=2", "prepare.window=20"),
    )  # fmt: skip
    assert "sorted_rows 1" in done.stdout or "sorted_rows 2" in done.stdout
    assert "symbols dropped, too short: short" in done.stdout


def test_all_faulty_parameters_come_at_once(tmp_path: Path) -> None:
    done = run(
        "tune", "-S", "tune.ntrials=3", "-S", "model.cell=cnn", "-S", "tune.sampler.name=best",
        "--output", str(tmp_path), code=2,
    )  # fmt: skip
    messages = (
        "did you mean tune.n_trials?",
        "model.cell: input should be 'lstm'",
        "'random', 'qmc'",
    )
    for part in messages:
        assert part in done.stderr


def test_unknown_features_are_named_with_the_known_ones(tmp_path: Path) -> None:
    done = run(
        "prepare", "-S", "prepare.features=[return_1, retrun_5]", "--output", str(tmp_path), code=2
    )
    assert "retrun_5" in done.stderr
    assert "return" in done.stderr


@pytest.mark.skipif(Path("/dev/nvidia0").exists(), reason="this machine has a CUDA device")
def test_cuda_asked_for_and_absent(prepared: Path) -> None:
    done = run("tune", "--device", "cuda", "--output", str(prepared), home=prepared, code=2)
    assert "no CUDA device" in done.stderr
    assert "--device cpu" in done.stderr


def test_a_winner_that_does_not_fit_the_parameters_is_not_trained(
    prepared: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(prepared, folder)
    tree = yaml.safe_load((ROOT / "params.yaml").read_text())
    names = LearningParams.model_fields
    learning = {name: value for name, value in tree["training"].items() if name in names}
    chosen = {"bidirectional": True, "schedule": "warmup", "warmup_epochs": 99.0}
    best = folder / "results" / "tune" / "best_params.json"
    best.parent.mkdir(parents=True, exist_ok=True)
    best.write_text(json.dumps(tree["model"] | learning | chosen))
    schema = json.loads((folder / "data/prepared/development/schema.json").read_text())
    study = {"development": schema["fingerprint"], "fixed": {"cell": "lstm"}}
    best.with_name("study.json").write_text(json.dumps(study))
    done = run("train-best", "--output", str(folder), code=2)
    assert "best_params.json: not to be trained with these parameters" in done.stderr
    for fault in ("bidirectional: under dense", "warmup_epochs: 99 of 8"):
        assert fault in done.stderr
    assert not (folder / "models" / "best").exists()


def test_a_baseline_that_diverges_is_a_users_fault(tmp_path: Path) -> None:
    run("prepare", "--output", str(tmp_path))
    rows = tmp_path / "data" / "prepared" / "development" / "rows.npy"
    values = np.load(rows, allow_pickle=False)
    values[200] = np.inf
    np.save(rows, values, allow_pickle=False)
    done = run("train-baseline", "--output", str(tmp_path), code=2)
    assert "error: baseline: training loss is nan in step " in done.stderr
    assert "lower its learning_rate" in done.stderr
    assert not (tmp_path / "models").exists()


def test_labels_far_apart_can_be_trained_on(tmp_path: Path) -> None:
    days = pd.date_range("2015-01-01", periods=2000)
    lines = labels(days, lambda n: n % 3 - 1).splitlines(keepends=True)
    for n, line in enumerate(lines[1:], 1):
        day, _, x = line.split(",")
        lines[n] = line if n % 45 < 9 else f"{day},,{x}"
    source = tmp_path / "sparse.csv"
    source.write_text("".join(lines))
    changes = ("prepare.kind=labelled", "prepare.splits.folds=2", "training.stride=5")
    output = ("--output", str(tmp_path), *options(*QUICK, *changes, "baseline.batch_size=5"))
    run("prepare", "--source", str(source), *output)
    run("train-baseline", *output)


def test_an_output_folder_that_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("prepare", "--output", str(tmp_path / "file"), code=2)
    assert "cannot be written" in done.stderr
    assert "--output" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    done = run("prepare", "--output", str(tmp_path), code=2)
    assert "cannot be written (Permission denied)" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a read-only folder needs root")
def test_a_read_only_output_folder(tmp_path: Path) -> None:
    script = (
        f"mount -t tmpfs -o ro none {tmp_path} && cd {ROOT} && "
        f"python -m tribar prepare --output {tmp_path}"
    )
    done = subprocess.run(
        ["unshare", "--mount", "bash", "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr
    assert "cannot be written (Read-only file system)" in done.stderr


def test_a_stage_before_its_input_says_what_to_run(tmp_path: Path) -> None:
    for stage in ("src", "dvc.yaml", "params.yaml"):
        (tmp_path / stage).symlink_to(ROOT / stage)
    done = run("tune", cwd=tmp_path, home=tmp_path, code=2)
    assert "no prepared split; run `tribar prepare` or `dvc repro`" in done.stderr


def test_outside_a_repository(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(
        ["python", "-m", "tribar", "prepare"], cwd=tmp_path, env=environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "no dvc.yaml here or above" in done.stderr
