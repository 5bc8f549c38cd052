"""What a user may get wrong at the command line: one message, an exit code, nothing written."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.running import ROOT, run

HEADER = "timestamp,open,high,low,close,volume\n"
BARS = HEADER + "".join(
    f"2020-01-{day:02d},{10 + day % 3},{12 + day % 3},{9 + day % 3},{11 + day % 3},100\n"
    for day in range(1, 29)
)

SOURCES = {
    "missing file": (None, "no such file"),
    "empty file": ("", "empty"),
    "missing column": (BARS.replace("close", "last"), "close"),
    "unparsable timestamp": (BARS.replace("2020-01-05", "someday"), "someday"),
    "duplicate timestamp": (BARS.replace("2020-01-05", "2020-01-04"), "2020-01-04"),
    "negative price": (BARS.replace("2020-01-05,12", "2020-01-05,-12"), "open"),
    "zero price": (BARS.replace("2020-01-05,12", "2020-01-05,0"), "open"),
    "not a number": (BARS.replace("2020-01-05,12", "2020-01-05,nan"), "open"),
    "infinite price": (BARS.replace("2020-01-05,12", "2020-01-05,inf"), "open"),
    "high below low": (BARS.replace("2020-01-05,12,14,11", "2020-01-05,12,10,11"), "high"),
    "too few rows": (BARS, "window"),
}


@pytest.mark.parametrize("case", SOURCES)
def test_a_bad_source_is_one_error_and_writes_nothing(case: str, tmp_path: Path) -> None:
    content, message = SOURCES[case]
    source, output = tmp_path / "bars.csv", tmp_path / "out"
    if content is not None:
        source.write_text(content)
    done = run("prepare", "--source", str(source), "--output", str(output), code=2)
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert "bars.csv" in done.stderr or "bars" in done.stderr
    assert "Traceback" not in done.stderr
    assert not output.exists() or list(output.iterdir()) == []


def test_all_faulty_parameters_come_at_once(tmp_path: Path) -> None:
    done = run(
        "tune", "-S", "tune.ntrials=3", "-S", "model.cell=rnn", "-S", "tune.sampler.name=best",
        "--output", str(tmp_path), code=2,
    )  # fmt: skip
    for part in ("did you mean tune.n_trials?", "'lstm' or 'gru'", "'tpe' or 'random'"):
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


def test_an_output_folder_that_takes_no_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = run("prepare", "--output", str(tmp_path / "file"), code=2)
    assert "cannot be written" in done.stderr
    assert "--output" in done.stderr


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
