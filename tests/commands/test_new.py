"""A repository for one's own data: made, run to the verdict, upgraded to other code."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.running import QUICK, ROOT, SHORT, options, run
from tribar.commands.new.pipeline import own_pipeline
from tribar.records.code_file import installed_code

SAMPLE = ROOT / "data/raw/us_indices.csv.gz"


def call(
    folder: Path, *command: str, code: int = 0, package: Path = ROOT / "src"
) -> subprocess.CompletedProcess[str]:
    """Run a command in a repository, with a copy of the package as the installed one."""
    environment = os.environ | {"PYTHONPATH": str(package), "TRIBAR_WORKERS": "2"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "mine"
    run("new", str(folder), "--source", str(SAMPLE))
    return folder


@pytest.fixture
def repository_of_mine(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "mine"))


def test_it_holds_the_pipeline_and_none_of_the_code(made: Path) -> None:
    held = {path.name for path in made.iterdir()} - {".git"}
    assert held == {
        *(".dvc", ".dvcignore", ".github", ".gitignore", "README.md", "code.yaml", "data"),
        *("dvc.yaml", "params.yaml", "requirements.txt"),
    }
    stages = yaml.safe_load((made / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    ours = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
    assert list(stages) == list(ours)
    for name, stage in stages.items():
        assert stage["cmd"] == f"tribar {name}"
        code = [dep.removeprefix("${src}/") for dep in ours[name]["deps"] if "${src}/" in dep]
        assert stage["deps"] == [dep for dep in ours[name]["deps"] if "${src}/" not in dep]
        keys = [f"packages.{one.removesuffix('.py').replace('/', '.')}" for one in code]
        assert stage["params"] == [*ours[name]["params"], {"code.yaml": keys}]
    params = yaml.safe_load((made / "params.yaml").read_text(encoding="utf-8"))
    assert params["prepare"]["source"] == "data/raw/us_indices.csv.gz"
    assert params["evaluate"]["models_seen"] == 1
    assert (made / "data/raw/us_indices.csv.gz.dvc").is_file()


def test_each_package_that_a_stage_names_has_a_hash() -> None:
    packages = installed_code()
    stages = yaml.safe_load(own_pipeline((ROOT / "dvc.yaml").read_text(encoding="utf-8")))["stages"]
    for stage in stages.values():
        for key in stage["params"][-1]["code.yaml"]:
            found = packages
            for part in key.split(".")[1:]:
                found = found[part]


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    refused = run("new", str(tmp_path), code=2).stderr
    assert "it is there and not empty" in refused
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_source_that_cannot_be_read_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("nothing\n")
    refused = run("new", str(tmp_path / "mine"), "--source", str(tmp_path / "x.csv"), code=2).stderr
    assert "no table" in refused
    assert not (tmp_path / "mine").exists()


def test_stages_refuse_other_code_until_it_is_upgraded(repository_of_mine: Path) -> None:
    code = repository_of_mine / "code.yaml"
    text = code.read_text(encoding="utf-8")
    code.write_text(text.replace(installed_code()["market"], "0" * 64), encoding="utf-8")
    refused = call(repository_of_mine, "tribar", "prepare", code=2).stderr
    assert "the installed tribar has other code in market; run `tribar upgrade`" in refused
    due = call(repository_of_mine, "tribar", "upgrade", "--check", code=2).stderr
    assert "stale: prepare" in due
    assert "stale: prepare" in call(repository_of_mine, "tribar", "upgrade").stdout
    assert code.read_text(encoding="utf-8") == text
    assert "is of the installed tribar" in call(repository_of_mine, "tribar", "upgrade").stdout
    code.write_text("packages: [", encoding="utf-8")
    assert "it is damaged" in call(repository_of_mine, "tribar", "prepare", code=2).stderr


def test_a_repository_with_its_own_code_needs_no_upgrade() -> None:
    assert "this repository has the code itself" in run("upgrade", code=2).stderr


@pytest.mark.slow
def test_it_runs_to_the_verdict_and_knows_a_new_version(
    repository_of_mine: Path, tmp_path: Path
) -> None:
    package = Path(shutil.copytree(ROOT / "src", tmp_path / "src"))
    mine = repository_of_mine
    params = mine / "params.yaml"
    changed = yaml.safe_load(params.read_text(encoding="utf-8"))
    for override in (*QUICK, *SHORT):
        key, _, value = override.partition("=")
        *parents, last = key.split(".")
        node = changed
        for parent in parents:
            node = node[parent]
        node[last] = yaml.safe_load(value)
    params.write_text(yaml.safe_dump(changed), encoding="utf-8")
    call(mine, "dvc", "repro", package=package)
    assert "verdict:" in (mine / "results/evaluate/verdict.txt").read_text(encoding="utf-8")
    assert "didn't change" in call(mine, "dvc", "repro", package=package).stdout
    labels = package / "tribar/market/labels.py"
    labels.write_text(labels.read_text(encoding="utf-8") + "\n# Newer.\n", encoding="utf-8")
    upgraded = call(mine, "tribar", "upgrade", package=package).stdout
    assert "other code in market; stale: prepare" in upgraded
    again = call(mine, "dvc", "repro", package=package).stdout
    assert "Running stage 'prepare'" in again
    assert "Running stage 'tune'" not in again


def test_options_are_taken_for_the_inspection(tmp_path: Path) -> None:
    source = tmp_path / "x.csv"
    rows = "\n".join(
        f"{day:02}.{month:02}.2020;{day + month}" for month in (1, 2) for day in range(1, 29)
    )
    source.write_text(f"Datum;Kurs\n{rows}\n", encoding="utf-8")
    columns = "prepare.read.columns={timestamp: Datum, close: Kurs}"
    run("new", str(tmp_path / "mine"), "--source", str(source), *options(columns))
    params = yaml.safe_load((tmp_path / "mine/params.yaml").read_text(encoding="utf-8"))
    assert params["prepare"]["read"]["date_format"] == "%d.%m.%Y"
