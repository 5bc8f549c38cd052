"""The record of one measurement, and the file that it goes to."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from benchmarks.machine import Machine, this_machine

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


@dataclass(frozen=True)
class Run:
    """The records of one benchmark, and the machine that it ran on; None where nobody noted it."""

    machine: Machine | None
    records: tuple[Record, ...]

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return what `write` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        machine = content["machine"]
        records = tuple(Record(**record) for record in content["records"])
        return cls(machine and Machine(**machine), records)


def beside(
    work: str, ours: float, peer: float, peer_name: str, unit: str, target: float | None = None
) -> Record:
    """Return a record of two figures, whose ratio is held against the target."""
    ratio = ours / peer
    met = None if target is None else ratio <= target
    return Record(work, ours, peer, peer_name, unit, ratio, target, met)


def alone(work: str, ours: float, unit: str) -> Record:
    """Return a record without a peer and without a target."""
    return Record(work, ours, None, None, unit, None, None, None)


def write(name: str, records: Sequence[Record]) -> None:
    """Write `benchmarks/results/<name>.json`."""
    RESULTS.mkdir(exist_ok=True)
    run = Run(this_machine(), tuple(records))
    text = json.dumps(asdict(run), indent=2, sort_keys=True)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    for record in records:
        print(f"{name}: {record.work}: {record.ours:.4g} {record.unit}, met: {record.met}")
