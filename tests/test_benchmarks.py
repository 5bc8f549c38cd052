"""What the benchmarks make of what they see."""

import json
import math
from pathlib import Path
from typing import Any

import optuna
import pytest
import torch

from benchmarks.panel import Size, make_panel
from benchmarks.peers.logbook import LOG, Logbook, Story
from benchmarks.peers.loop import Model, mean_loss, stack
from benchmarks.peers.space import FIRST, SPACE, suggest
from benchmarks.records import Record, alone, beside
from benchmarks.running import run
from benchmarks.sample import held_out_windows, prepare_sample
from benchmarks.tables import matrix
from tests.running import ROOT
from tribar.config.reading import read_params
from tribar.dataset.prepared import write_split
from tribar.search.distributions import distribution

HYPER: dict[str, Any] = {"hidden_dim": 4, "num_layers": 1, "dropout": 0.0}


def test_a_story_is_what_the_logbook_tells(tmp_path: Path) -> None:
    lines = [
        {"at": 100.0, "event": "begin"},
        {"at": 101.5, "event": "epochs", "epochs": 2, "loss": 1.2},
        {"at": 103.0, "event": "epochs", "epochs": 1, "loss": math.inf},
        {"at": 103.5, "event": "reached", "loss": 1.1},
        {"at": 104.0, "event": "epochs", "epochs": 3, "loss": 1.1},
        {"at": 106.0, "event": "end"},
        {"at": 109.0, "event": "test", "loss": 1.3},
    ]
    (tmp_path / LOG).write_text("".join(json.dumps(line) + "\n" for line in lines))
    story = Story.of(tmp_path)
    assert (story.seconds, story.epochs, story.best, story.test) == (6.0, 6, 1.1, 1.3)
    assert [story.until(loss) for loss in (1.2, 1.15, 1.1, 1.0)] == [1.5, 3.5, 3.5, math.inf]


def test_the_winners_own_weights_are_scored(tmp_path: Path) -> None:
    for number, folder in enumerate((tmp_path, tmp_path / "test")):
        folder.mkdir(exist_ok=True)
        write_split(make_panel(Size(2, 80, 3, 5), seed=number), folder)
    torch.manual_seed(0)
    book = Logbook(tmp_path)
    best, later, other = (Model(3, HYPER) for _ in range(3))
    book.write(event="begin")
    book.note(0, 1.5, other, HYPER)
    book.note(1, 1.0, best, HYPER)
    book.note(1, 1.2, later, HYPER)
    book.write(event="end")
    book.score_winner(tmp_path)
    test = stack(held_out_windows(tmp_path))
    assert Story.of(tmp_path).test == mean_loss(best, test) != mean_loss(later, test)


def test_all_studies_set_out_from_the_same_point_of_the_same_space() -> None:
    study = optuna.create_study()
    trial = study.ask()
    suggest(trial)
    params = read_params(ROOT / "params.yaml", [SPACE])
    ours = {name: distribution(one) for name, one in params.tune.space.items()}
    assert trial.distributions == ours
    assert {name: getattr(params.baseline, name) for name in FIRST} == FIRST


def test_records_without_a_peer_become_one_row_a_subject() -> None:
    table = matrix(
        [alone("a: time", 2, "s"), alone("a: memory", 3000, "MB"), alone("b: time", 1, "s")]
    )
    assert table.splitlines() == [
        "|  | time | memory |",
        "| --- | --- | --- |",
        "| a | 2 s | 3,000 MB |",
        "| b | 1 s |  |",
    ]


def test_a_ratio_is_held_against_its_target() -> None:
    assert beside("work", 1, 4, "peer", "s", 0.25).met
    assert not beside("work", 1.1, 4, "peer", "s", 0.25).met
    assert beside("work", 1, 4, "peer", "s") == Record(
        "work", 1, 4, "peer", "s", 0.25, target=None, met=None
    )


def test_a_panels_windows_stay_within_their_symbol() -> None:
    size = Size(symbols=3, bars=40, features=2, window=10)
    panel = make_panel(size)
    symbol = panel.samples["symbol"].str[1:].astype(int)
    assert (panel.samples["last"] // size.bars == symbol).all()
    assert ((panel.samples["last"] - size.window + 1) // size.bars == symbol).all()
    assert panel.rows.shape == (120, 2)


@pytest.mark.slow
@pytest.mark.parametrize("module", ["ours", "usual"])
def test_a_study_of_the_sample_tells_its_story(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    prepare_sample(tmp_path)
    done = run(module, tmp_path, "--trials", "1", "--epochs", "1")
    assert done.story.epochs == 1
    assert 1.0 < done.story.best < 1.2
    assert 1.0 < done.story.test < 1.2
    assert done.peak > 100
