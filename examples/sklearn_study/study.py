"""A pruned, resumable study of boosted trees: tribar's engine on an objective of one's own."""

from tribar import runtime

runtime.pin()  # before numpy: threads and instruction sets are a part of a result

import json  # noqa: E402
from collections.abc import Iterator, Mapping  # noqa: E402
from pathlib import Path  # noqa: E402

import pandas as pd  # noqa: E402
from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: E402
from sklearn.model_selection import KFold, cross_val_score  # noqa: E402

from tribar.block import Choice  # noqa: E402
from tribar.config.reading import parse_yaml  # noqa: E402
from tribar.execution.executors import open_executor  # noqa: E402
from tribar.files import hash_files  # noqa: E402
from tribar.records.identity import Identity, engine_parts  # noqa: E402
from tribar.study.config import TuneParams  # noqa: E402
from tribar.study.journal import open_journal  # noqa: E402
from tribar.study.loop import run_study  # noqa: E402
from tribar.study.pool import TrialPool  # noqa: E402
from tribar.study.ranking import ranked  # noqa: E402
from tribar.trial.steps import SteppedObjective  # noqa: E402

HERE = Path(__file__).parent
STEPS = (10, 20, 40, 80)
"""Trees after which a trial has a value, and may be pruned."""


def log_loss(params: Mapping[str, Choice], seed: int) -> Iterator[float]:
    """Yield the cross-validated log-loss with more and more trees."""
    table = pd.read_csv(HERE / "data.csv")
    features, target = table.drop(columns="target"), table["target"]
    folds = KFold(5, shuffle=True, random_state=0)
    for trees in STEPS:
        model = HistGradientBoostingClassifier(max_iter=trees, random_state=seed, **params)
        yield -cross_val_score(model, features, target, cv=folds, scoring="neg_log_loss").mean()


def main() -> None:
    """Run the trials that the journal lacks, and write the best and the table of all."""
    tune = TuneParams.model_validate_json(
        json.dumps(parse_yaml((HERE / "params.yaml").read_text())["tune"])
    )
    own = {"objective": hash_files([Path(__file__)]), "data": hash_files([HERE / "data.csv"])}
    identity = Identity({**engine_parts(tune), **own})
    run = SteppedObjective(log_loss, tune.pruner, tune.seed)
    folder = HERE / ".tribar/studies" / identity.digest
    with (
        open_journal(folder, print) as journal,
        open_executor(tune.lag, [HERE], folder, modules=()) as executor,
    ):
        pool = TrialPool(run, executor, journal, say=print)
        rows = run_study(tune, {}, len(STEPS), run.spec, pool).rows
    best = ranked(rows, run.spec.directions)[0]
    found = {"value": best.value, **best.params}
    (HERE / "best.json").write_text(json.dumps(found, indent=2, sort_keys=True) + "\n")
    lines = [
        (row.number, row.state, row.value, *(row.params.get(name) for name in tune.space))
        for row in rows
    ]
    table = pd.DataFrame(lines, columns=["trial", "state", "value", *tune.space])
    table.to_csv(HERE / "trials.csv", index=False)
    print(f"best {best.value:.4f} by trial {best.number}")


if __name__ == "__main__":
    main()
