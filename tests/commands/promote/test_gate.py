"""tribar promote without a champion: the gate, the ledger, and the version that it leaves."""

import re
import shutil

import pandas as pd
import pytest
import yaml
from mlflow import MlflowClient

from tests.commands.promote.repositories import (
    PREDICTIONS,
    URI,
    Repository,
    Shrunk,
    loss_of,
    overconfident,
)
from tests.running import ROOT
from tribar.commands.promote.artifact import read_artifact
from tribar.config.schema import Params
from tribar.errors import UserError
from tribar.forecasting.forecaster import Forecaster
from tribar.records.openings import record_opening
from tribar.tracking.registry import ALIAS


def test_a_model_that_passes_the_gate_becomes_the_champion(place: Repository, easy: Params) -> None:
    done, said = place.promote(easy)
    assert done
    assert "holds: not worse than baseline; log-loss 1.09" in said
    assert "ledger: the test split has judged 6 models" in said
    assert f"is {URI} in sqlite:///" in said
    client = MlflowClient(f"sqlite:///{place.home}/mlflow.db")
    version = client.get_model_version_by_alias("tribar", ALIAS)
    model = client.get_registered_model("tribar")
    artifact = read_artifact(ROOT, "tribar")
    assert (model.description, model.tags["labels"]) == (
        artifact.description,
        ", ".join(artifact.labels),
    )
    best = Forecaster.load(place.evaluated / "models/best")
    tags = version.tags
    assert tags["model.version"] == best.version
    assert tags["data.sha256"] == best.model.schema.source_sha256
    assert (tags["verdict"], tags["forced"], tags["refit"]) == ("worse", "false", "false")
    tested = pd.read_parquet(place.evaluated / PREDICTIONS)
    assert float(tags["log_loss"]) == pytest.approx(loss_of(tested), abs=1e-6)
    assert re.fullmatch("[0-9a-f]{40}", tags["git.commit"])
    assert "failed" not in tags
    assert client.get_run(version.run_id).data.tags["kind"] == "pipeline"


def test_a_model_that_fails_the_gate_is_refused_with_both_numbers(
    place: Repository, shrunk: Shrunk
) -> None:
    done, said = place.promote(shrunk())
    assert not done
    assert re.search(
        r"fails: better than prior; log-loss 1\.\d{4} and 1\.0980; best vs prior: "
        r"log-loss -0\.\d{4} \[.*\] \(95 %\): no evidence",
        said,
    )
    assert "not promoted, for this fails: better than prior; --force" in said
    assert place.versions() == []


def test_force_leaves_a_tag_that_says_so(place: Repository, shrunk: Shrunk) -> None:
    done, said = place.promote(shrunk(), force=True)
    assert done
    assert "promoted: by force" in said
    (tags,) = place.versions()
    assert (tags["forced"], tags["failed"]) == ("true", "better than prior")


def test_the_champion_is_not_registered_twice(place: Repository, easy: Params) -> None:
    place.promote(easy)
    done, said = place.promote(easy)
    assert done
    assert "is the champion already: version 1" in said
    assert len(place.versions()) == 1


def test_the_ledger_says_what_is_left_of_the_gate(place: Repository, shrunk: Shrunk) -> None:
    asked = ("promote.better_than=[prior, ridge]", "evaluate.confidence=0.5")
    for models, left in ((2, "the same would hold"), (500, "better than prior would not hold")):
        said = place.promote(shrunk(*asked, f"evaluate.models_seen={models}"))[1]
        assert f"which allows for them, {left}" in said


def test_the_ledger_counts_what_this_clone_has_judged(place: Repository, shrunk: Shrunk) -> None:
    samples = pd.read_parquet(place.evaluated / PREDICTIONS)
    for n in range(8):
        folder = place.home / ".tribar/openings"
        record_opening(folder, samples, f"model{n}", "abc", "evaluate")
    said = place.promote(shrunk())[1]
    assert "has judged 9 models (evaluate.models_seen: 6, known to this clone: 9)" in said


def test_results_of_another_model_are_refused(place: Repository, easy: Params) -> None:
    output = place.variant("other", overconfident, easy)
    shutil.copyfile(place.evaluated / PREDICTIONS, output / PREDICTIONS)
    with pytest.raises(UserError, match="not what models/best says"):
        place.promote(easy, output)
    (output / PREDICTIONS).unlink()
    with pytest.raises(UserError, match="nothing evaluated yet; run `dvc repro`"):
        place.promote(easy, output)


@pytest.mark.parametrize(
    ("override", "says"),
    [
        ("promote.better_than=[priro]", "promote.better_than: .* did you mean prior?"),
        ("promote.not_worse_than=[luck]", "promote.not_worse_than: .* known: baseline, prior"),
        ("promote.name=other", "no artifact other"),
    ],
)
def test_names_that_nobody_has_are_refused(
    place: Repository, shrunk: Shrunk, override: str, says: str
) -> None:
    with pytest.raises(UserError, match=says):
        place.promote(shrunk(override))


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        (("promote.better_than=[]", "promote.not_worse_than=[]"), "the gate asks for nothing"),
        (("promote.not_worse_than=[prior]",), "prior is asked for twice"),
        (("promote.name=a b",), "promote.name"),
    ],
)
def test_a_gate_that_makes_no_sense_is_refused(
    shrunk: Shrunk, overrides: tuple[str, ...], says: str
) -> None:
    with pytest.raises(UserError, match=says):
        shrunk(*overrides)


def test_no_stage_depends_on_what_a_promotion_asks_for() -> None:
    stages = yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]
    assert not [name for name, stage in stages.items() if "promote" in str(stage["params"])]
