"""tribar promote and the store: refitted models, servers, DVC, and models by their URI."""

import shutil
from pathlib import Path

import pytest
from mlflow import MlflowClient
from rich.console import Console

from tests.commands.promote.repositories import (
    ENOUGH,
    SAMPLE,
    URI,
    Repository,
    Shrunk,
    another_question,
)
from tests.pipeline import command, rebuilt
from tests.running import options, run
from tests.tracking.servers import real_server
from tribar.commands.models import model_folder
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.forecasting.forecaster import Forecaster
from tribar.stages import refit
from tribar.tracking.registry import ALIAS


def version(evaluated: Path) -> str:
    return Forecaster.load(evaluated / "models/best").version


@pytest.mark.slow
def test_a_refitted_model_is_promoted_by_the_results_of_the_best(
    place: Repository, shrunk: Shrunk, tmp_path: Path
) -> None:
    output = tmp_path / "refitted"
    shutil.copytree(place.evaluated, output)
    params = shrunk(*ENOUGH, "refit.enabled=true", "training.max_epochs=2", "training.seeds=1")
    refit.run(params, place.workspace(output), Console(quiet=True))
    assert not place.promote(shrunk("refit.enabled=true"), output, refit=True)[0]
    done, said = place.promote(params, output, refit=True)
    assert done, said
    assert "candidate: models/refit" in said
    (tags,) = place.versions()
    best, refitted = (Forecaster.load(output / "models" / name) for name in ("best", "refit"))
    assert (tags["refit"], tags["model.version"]) == ("true", refitted.version)
    with model_folder(URI, place.workspace()) as folder:
        assert Forecaster.load(folder).version == refitted.version
    with model_folder(tags["judged"], place.workspace()) as folder:
        assert Forecaster.load(folder).version == best.version
    done, said = place.promote(params, output)
    assert done, "the best model is compared with itself, not with one that has seen all"
    assert "compared on 14" in said


def test_a_model_that_was_refitted_from_another_is_refused(place: Repository, easy: Params) -> None:
    output = place.variant("other", another_question, easy)
    shutil.copytree(place.evaluated / "models/best", output / "models/refit")
    with pytest.raises(UserError, match="not refitted from models/best"):
        place.promote(easy, output, refit=True)


def test_a_model_that_no_run_has_logged_is_refused(place: Repository, shrunk: Shrunk) -> None:
    with pytest.raises(UserError, match="experiment other has logged it; run `tribar track`"):
        place.promote(shrunk(*ENOUGH, "tracking.experiment=other"))


def test_a_dead_server_is_one_error(
    place: Repository, easy: Params, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with pytest.raises(UserError, match="cannot look for the champion") as error:
        place.promote(easy)
    assert "secret" not in str(error.value)


def test_a_model_of_the_store_is_fetched_and_gone_afterwards(
    place: Repository, easy: Params
) -> None:
    place.promote(easy)
    workspace = place.workspace()
    client = MlflowClient(f"sqlite:///{place.home}/mlflow.db")
    version = client.get_model_version_by_alias("tribar", ALIAS)
    best = Forecaster.load(place.evaluated / "models/best").version
    for uri in (URI, "models:/tribar/1", f"runs:/{version.run_id}"):
        with model_folder(uri, workspace) as folder:
            assert Forecaster.load(folder).version == best
        assert not folder.exists()
    for uri in ("models:/tribar@nobody", "models:/other/1", "runs:/abc", "runs:/abc/x"):
        with pytest.raises(UserError, match=f"cannot fetch {uri}"), model_folder(uri, workspace):
            pass
    other = f"runs:/{version.run_id}/evaluate"
    with pytest.raises(UserError, match="no model of tribar"), model_folder(other, workspace):
        pass


@pytest.mark.slow
def test_a_user_promotes_on_a_server(
    evaluated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    promote = ("promote", "--output", str(evaluated))
    with real_server(tmp_path) as server:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", server.address)
        run("track", "--output", str(evaluated), home=tmp_path)
        refused = run(*promote, home=tmp_path, code=1)
        assert "not promoted, for this fails: better than prior" in refused.stdout
        done = run(*promote, *options(*ENOUGH), home=tmp_path)
        assert (
            f"promoted: version 1 ({version(evaluated)}) is {URI} in {server.address}"
            in done.stdout
        )
        shown = run("predict", SAMPLE, "--as-of", "2018-12-31", "--model", URI, home=tmp_path)
        assert f"model {version(evaluated)}, trained on" in shown.stdout
        server.kill()
        dead = run(*promote, home=tmp_path, code=2)
        assert dead.stderr.startswith(f"error: {server.address}: cannot look for the champion")
        assert len(dead.stderr.splitlines()) == 1
    assert not (tmp_path / "mlflow.db").exists()


@pytest.mark.slow
def test_a_clone_promotes_and_dvc_gets_the_same_artifact(tmp_path: Path) -> None:
    folder = rebuilt(tmp_path / "clone")
    said = command(folder, "tribar", "promote", "--force")
    assert "is models:/tribar@champion in sqlite:///" in said
    command(folder, "git", "tag", "--annotate", "tribar@v1.0.0", "--message", "first")
    got = tmp_path / "got"
    command(tmp_path, "dvc", "artifacts", "get", str(folder), "tribar", "--out", str(got))
    name = Forecaster.load(got).version
    assert f"({name}) is models:/tribar@champion" in said
    shown = command(folder, "tribar", "predict", SAMPLE, "--as-of", "2018-12-31", "--model", URI)
    assert f"model {name}, trained on" in shown
