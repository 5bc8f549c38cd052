"""Keeps what each kind of processor makes of a small pipeline: `python -m tools.bits`.

Words after the module start the pipeline on a processor that they emulate, under whose name the
digests are kept: `python -m tools.bits qemu-x86_64 -cpu Haswell`.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import tribar
from tribar.config.reading import read_params
from tribar.files import hash_code, hash_folder

ROOT = Path(__file__).parents[1]
RECORD = ROOT / "benchmarks/results/bits.json"

STAGES = ("prepare", "train-baseline", "tune", "train-best", "evaluate")
OUTPUTS = (
    "data/prepared/development",
    "data/prepared/test",
    "results/prepare",
    "models/baseline",
    "results/train-baseline",
    "results/tune",
    "models/best",
    "results/train-best",
    "results/evaluate",
)
"""In the order in which the stages write them: the first that differs names the cause."""

SMALL = (
    "prepare.window=20",
    "prepare.splits.folds=2",
    "training.max_epochs=1",
    "training.seeds=1",
    "baseline.hidden_dim=16",
    "baseline.batch_size=256",
    "tune.n_trials=6",
    "tune.rescore.seeds=1",
    "tune.rescore.top=1",
    "evaluate.permutation_repeats=1",
    "evaluate.bootstrap_samples=200",
    "tune.space.cell={type: categorical, choices: [lstm, gru]}",
    "tune.space.optimizer={type: categorical, choices: [adam, adamw, radam, sgd]}",
    "tune.space.batch_size={type: categorical, choices: [128, 256]}",
    "tune.space.hidden_dim={type: int, low: 8, high: 16, step: 8}",
)
VARIANTS = {
    "LSTM, dense": (
        "baseline.cell=lstm",
        "training.supervision=dense",
        "training.calibration=shrink",
    ),
    "GRU, sliding": (
        "baseline.cell=gru",
        "training.supervision=sliding",
        "training.calibration=temperature",
    ),
}
"""Overrides that shrink the real parameters to seconds, and what is then tried."""

RUN = """
import sys
from tribar.cli import app
folder, *stages = sys.argv[1:]
for stage in stages:
    app([stage, "--output", folder, "--params", f"{folder}/params.yaml"], standalone_mode=False)
"""

CODE = "code"
Digests = dict[str, str]
Record = dict[str, Digests]


def digests(*start: str, **environment: str) -> Digests:
    """Run the small pipeline for each variant; return digests of the code and of each output.

    Args:
        start: words before the interpreter, of an emulator.
        environment: added to this process's own.
    """
    found = {CODE: hash_code(Path(tribar.__file__).parent, ["."])[:12]}
    for name, overrides in VARIANTS.items():
        with tempfile.TemporaryDirectory() as folder:
            params = read_params(ROOT / "params.yaml", (*SMALL, *overrides))
            Path(folder, "params.yaml").write_text(params.model_dump_json(), encoding="utf-8")
            subprocess.run(
                [*start, sys.executable, "-c", RUN, folder, *STAGES], cwd=ROOT, check=True,
                stdout=subprocess.DEVNULL,
                env=os.environ | environment | {"DVC_ROOT": folder, "TRIBAR_WORKERS": "1"},
            )  # fmt: skip
            found |= {f"{name}: {out}": hash_folder(Path(folder, out))[:12] for out in OUTPUTS}
    return found


def processor() -> str:
    """Return vendor, family and model of this machine's processor."""
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    facts = {name.strip(): value.strip() for name, _, value in (x.partition(":") for x in lines)}
    return f"{facts['vendor_id']} {facts['cpu family']}/{facts['model']}"


def comparable(name: str, record: Record) -> Record:
    """Return the others that ran the same code: the rest tell nothing of it."""
    ours = record[name][CODE]
    return {other: x for other, x in record.items() if x[CODE] == ours and other != name}


def agrees(name: str, record: Record) -> bool:
    """Return whether a processor is on record and all that are comparable computed the same."""
    return name in record and all(x == record[name] for x in comparable(name, record).values())


def read_record() -> Record:
    """Return the digests by processor."""
    record: Record = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    return record


def main(start: Sequence[str]) -> int:
    """Compute, compare with the others on record, and keep."""
    name, record = " ".join(start) or processor(), read_record()
    record[name] = ours = digests(*start)
    for other, theirs in comparable(name, record).items():
        first = next((output for output in ours if ours[output] != theirs.get(output)), None)
        print(f"{name}: {f'differs first in {first} from' if first else 'agrees with'} {other}")
    RECORD.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")
    return 0 if agrees(name, record) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
