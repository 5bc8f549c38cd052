"""What forecasting many decisions costs beside the networks' forward passes, and its memory."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.evaluate import SMALL
from benchmarks.prepare import panel
from benchmarks.records import Record, beside, write

THROUGHPUT, MEMORY, ROUNDS = 0.9, 0.1, 5
TINY = ("baseline.hidden_dim=4", "baseline.num_layers=1", "training.stride=120")
"""The networks take no memory then that counts, and a million decisions half a minute."""

SCRIPT = """
import json, sys, time
from pathlib import Path
from tribar import runtime
runtime.pin()
import numpy as np
import tribar
from benchmarks.machine import own_peak_megabytes
from tribar.forecasting.options import ForecastOptions
from tribar.market.feature_names import parse_features
from tribar.market.feature_rows import feature_rows
from tribar.market.sources.bars import read_bars
forecaster = tribar.load(sys.argv[1])
bars = read_bars(Path(sys.argv[2]), 30)
before = own_peak_megabytes()
forecast = lambda: len(forecaster.forecast(bars, ForecastOptions(every=True)).table)
decisions, peak = forecast(), own_peak_megabytes() - before
schema = forecaster.model.schema
rows = feature_rows(bars, parse_features(schema.features))
last = np.flatnonzero(np.arange(len(rows)) % 10_000 >= schema.needed_bars - 1)
seconds = [[], []]
for _ in range(int(sys.argv[3])):
    for work, found in zip((forecast, lambda: forecaster.model.predict(rows, last)), seconds):
        begin = time.perf_counter()
        work()
        found.append(time.perf_counter() - begin)
ours, passes = map(np.median, seconds) if seconds[0] else (0, 0)
windows = decisions * schema.window * len(schema.features) * 4 / 2**20
print(json.dumps({"ours": ours, "passes": passes, "share": peak / windows,
                  "decisions": decisions}))
"""


def measure(symbols: int = 100) -> list[Record]:
    """Return the throughput over the forward passes', and the memory over stacked windows'."""
    with tempfile.TemporaryDirectory() as folder:
        speed = _forecast(Path(folder) / "large", symbols // 10, (), ROUNDS)
        memory = _forecast(Path(folder) / "tiny", symbols, TINY, 0)
    work = f"forecast of {speed['decisions']:,.0f} decisions, 1 core, median of {ROUNDS}"
    share, name = memory["share"], f"forecast of {memory['decisions']:,.0f} decisions"
    return [
        beside(work, speed["ours"], speed["passes"], "forward passes", "s", 1 / THROUGHPUT),
        Record(
            f"{name}: peak memory over that of stacked windows",
            share,
            None,
            None,
            "x",
            None,
            MEMORY,
            share <= MEMORY,
        ),
    ]


def _forecast(
    folder: Path, symbols: int, overrides: tuple[str, ...], rounds: int
) -> dict[str, float]:
    """Return what forecasting all decisions of so many symbols takes, by a baseline of its own."""
    folder.mkdir()
    bars, source = panel(), folder / "bars.parquet"
    bars[bars["symbol"].isin(bars["symbol"].unique()[:symbols])].to_parquet(source, index=False)
    settings = (f"prepare.source={source}", *SMALL, *overrides)
    options = [part for one in settings for part in ("-S", one)]
    for stage in ("prepare", "train-baseline"):
        _run(folder, [sys.executable, "-m", "tribar", stage, *options, "--output", str(folder)])
    model = str(folder / "models/baseline")
    found: dict[str, float] = json.loads(
        _run(folder, [sys.executable, "-c", SCRIPT, model, str(source), str(rounds)])
    )
    return found


def _run(folder: Path, command: list[str]) -> str:
    environment = {**os.environ, "DVC_ROOT": str(folder), "TRIBAR_WORKERS": "1"}
    done = subprocess.run(command, env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()[-1]


if __name__ == "__main__":
    write("predict", measure())
