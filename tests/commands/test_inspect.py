"""tribar inspect: what a source is, and the block that makes prepare read it so."""

import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.market.sources.factories import put
from tests.running import ROOT, run
from tribar.commands.inspect.lines import sparkline
from tribar.config.reading import read_params

SAMPLE = "data/raw/us_indices.csv.gz"


def german(rows: int = 1200) -> str:
    """Return a file as a German bank writes it, which no vendor's names fit."""
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2020-01-01", periods=rows)
    close = 1000 * np.exp(np.cumsum(rng.normal(0, 0.01, rows)))
    lines = [
        f"{day:%d.%m.%Y};{one * 0.999:.2f};{one * 1.01:.2f};{one * 0.99:.2f};{one:.2f};{n}"
        for n, (day, one) in enumerate(zip(days, close, strict=True), start=1000)
    ]
    body = "\n".join(lines).replace(".", ",")
    body = re.sub(r"(\d\d),(\d\d),(\d{4})", r"\1.\2.\3", body)
    return f"Kurse der Boerse\nDatum;Eroeffnung;Hoch;Tief;Schluss;Stueck\n{body}\n"


def test_the_sample_is_shown_and_nothing_is_written(tmp_path: Path) -> None:
    before = sorted(path.name for path in ROOT.iterdir())
    shown = run("inspect", SAMPLE, home=tmp_path).stdout
    for part in (
        "us_indices.csv.gz: text in utf-8, cells parted by ',', names in line 1",
        "2 symbols, 10062 rows",
        "NASDAQ  5031 rows, 1999-01-04 to 2018-12-31, every 1 day",
        "findings: none",
        "train: 6784 samples",
        "write in params.yaml:\nprepare:\n  source: data/raw/us_indices.csv.gz\n  read:\n",
    ):
        assert part in shown
    assert sorted(path.name for path in ROOT.iterdir()) == before
    assert not list(tmp_path.iterdir())


def test_a_newcomer_reaches_prepare_without_editing_the_file(tmp_path: Path) -> None:
    source = put(tmp_path / "dax.csv", german().encode("cp1252"))
    params = shutil.copy(ROOT / "params.yaml", tmp_path / "params.yaml")
    refused = run("inspect", str(source), home=tmp_path, code=2).stderr
    assert "no column is timestamp or close" in refused
    block = refused[refused.index("prepare:") :]
    overrides = [
        part
        for name, column in re.findall(r"^      (\w+): (\w+)$", block, re.MULTILINE)
        for part in ("-S", f"prepare.read.columns.{name}={column}")
    ]
    columns = "prepare.read.columns={timestamp: Datum, open: Eroeffnung, high: Hoch, low: Tief, "
    wanted = ["-S", columns + "close: Schluss, volume: Stueck}"]
    assert len(overrides) == 12
    run("inspect", str(source), "--params", str(params), "--write", *wanted, home=tmp_path)
    written = Path(params).read_text(encoding="utf-8")
    was = (ROOT / "params.yaml").read_text(encoding="utf-8")
    assert re.findall(r"#.*", written) == re.findall(r"#.*", was)
    found = read_params(Path(params))
    assert found.tune == read_params(ROOT / "params.yaml").tune
    assert found.prepare.read.date_format == "%d.%m.%Y"
    run("prepare", "--params", str(params), "--output", str(tmp_path), home=tmp_path)
    assert (tmp_path / "data/prepared/test/samples.parquet").is_file()


def test_the_page_needs_nothing_beside_it_and_names_stay_text(tmp_path: Path) -> None:
    bars = pd.read_csv(ROOT / SAMPLE)
    hostile = '&lt;b&gt; "x" $x_1$'
    bars["symbol"] = bars["symbol"].where(bars["symbol"] == "SP500", hostile)
    bars.to_csv(tmp_path / "x.csv", index=False)
    page = tmp_path / "page.html"
    run("inspect", str(tmp_path / "x.csv"), "--html", str(page), home=tmp_path)
    text = page.read_text(encoding="utf-8")
    assert "<script" not in text
    assert text.count("&amp;lt;b&amp;gt; ") >= 3
    assert text.count("<svg") == 8
    outside = set(re.findall(r"https?://[^\"' <>)]+", text))
    assert all(address.startswith("http://www.w3.org/") for address in outside)
    again = tmp_path / "again.html"
    run("inspect", str(tmp_path / "x.csv"), "--html", str(again), home=tmp_path)
    assert again.read_bytes() == page.read_bytes()


def test_what_prepare_would_refuse_is_said_and_the_rest_is_shown(tmp_path: Path) -> None:
    bars = pd.read_csv(ROOT / SAMPLE).drop(columns="adj_close")
    bars["close"] *= 0.8
    bars.to_csv(tmp_path / "x.csv", index=False)
    shown = run("inspect", str(tmp_path / "x.csv"), home=tmp_path).stdout
    assert "refused: TD001 two price scales" in shown
    assert "prepare refuses: the data cannot be trusted" in shown
    assert "write in params.yaml:" in shown


@pytest.mark.parametrize(
    ("values", "line"),
    [([1.0], "▁"), ([2.0, 2.0], "▁▁"), ([0.0, 1.0, 0.5], "▁█▅"), (list(range(64)), None)],
)
def test_a_sparkline(values: list[float], line: str | None) -> None:
    drawn = sparkline(np.array(values, np.float64))
    assert drawn == line if line else (len(drawn), drawn[0], drawn[-1]) == (32, "▁", "█")
