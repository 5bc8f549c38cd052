"""The record of one measurement, and the file that it goes to."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Record:
    """One measurement, beside a peer's in the same run where there is one.

    Attributes:
        work: what was done.
        ours: our figure, in `unit`.
        peer: the peer's figure; None without a peer.
        peer_name: who it is.
        unit: of both figures.
        ratio: ours over the peer's.
        target: what `ours`, or the ratio where there is a peer, is held against.
        met: whether it was reached.
    """

    work: str
    ours: float
    peer: float | None
    peer_name: str | None
    unit: str
    ratio: float | None
    target: float | None
    met: bool | None


def write(name: str, records: Sequence[Record]) -> None:
    """Write `benchmarks/results/<name>.json`."""
    RESULTS.mkdir(exist_ok=True)
    text = json.dumps([asdict(record) for record in records], indent=2, sort_keys=True)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    for record in records:
        print(f"{name}: {record.work}: {record.ours:.4g} {record.unit}, met: {record.met}")
