"""How fast prepare is on a million bars, and how much memory it takes."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.records import Record, write

SYMBOLS, LENGTH = 100, 10_000
COLUMNS = 6
SPEED, MEMORY = 200_000.0, 12.0

SCRIPT = """
import json, sys, time
from pathlib import Path
from benchmarks.machine import own_peak_megabytes
from tribar.market.sources.bars import read_bars
from tribar.dataset.prepared import write_split
from tribar.market.pipeline import prepare_source
from tribar.config.reading import read_params
params = read_params(Path("params.yaml")).prepare
before = own_peak_megabytes()
begin = time.perf_counter()
prepared = prepare_source(read_bars(Path(sys.argv[1]), params.max_gap_days), params)
for split in (prepared.development, prepared.test):
    write_split(split, Path(sys.argv[2]))
seconds = time.perf_counter() - begin
peak = own_peak_megabytes()
print(json.dumps({"seconds": seconds, "bytes": (peak - before) * 2**20}))
"""


def panel() -> pd.DataFrame:
    """Return a seeded random walk of minute bars for many symbols."""
    rng = np.random.default_rng(0)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 1e-3, (SYMBOLS, LENGTH)), axis=1)).ravel()
    open_ = close * np.exp(rng.normal(0, 5e-4, close.size))
    time = pd.date_range("2024-01-01", periods=LENGTH, freq="min", tz="UTC")
    return pd.DataFrame(
        {
            "symbol": np.repeat([f"S{number:03d}" for number in range(SYMBOLS)], LENGTH),
            "timestamp": np.tile(time, SYMBOLS),
            "open": open_,
            "high": np.maximum(open_, close) * 1.0005,
            "low": np.minimum(open_, close) * 0.9995,
            "close": close,
            "volume": np.round(rng.lognormal(8, 1, close.size)),
        }
    )


def measure() -> list[Record]:
    """Return bars a second, and the peak of memory over the raw bars' size."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "bars.parquet"
        panel().to_parquet(source, index=False)
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, str(source), folder],
            check=True,
            capture_output=True,
            text=True,
        )
    found = json.loads(done.stdout)
    bars = SYMBOLS * LENGTH
    speed, memory = bars / found["seconds"], found["bytes"] / (bars * 8 * COLUMNS)
    work = f"prepare of {bars:,} bars, {SYMBOLS} symbols"
    return [
        Record(work, speed, None, None, "bars/s", None, SPEED, speed >= SPEED),
        Record(
            f"{work}: peak memory over the raw bars' {bars * 8 * COLUMNS / 1e6:.0f} MB",
            memory,
            None,
            None,
            "x",
            None,
            MEMORY,
            memory < MEMORY,
        ),
    ]


if __name__ == "__main__":
    write("prepare", measure())
