from pathlib import Path

import pytest

from tribar.outputs.writers import write_csv
from tribar.records.explain import explain
from tribar.stages.evaluate.run_record import trial_rows
from tribar.stages.tune.tables import check_table, curve_table, trial_table
from tribar.trials import PruneCheck, TrialRow

CHECKS = (
    PruneCheck(0, 1.1 + 0.2, None, 0, "median", pruned=False),
    PruneCheck(1, 0.1 + 0.2, 1 / 3, 2, "median", pruned=True),
)
NAMES = ("rate", "units", "cell", "wide")
ROWS = (
    TrialRow(0, "FAIL", None, dict(zip(NAMES, (1e-5, 8, "gru", True), strict=True)), reason="a, b"),
    TrialRow(1, "COMPLETE", 2 / 3, dict(zip(NAMES, (0.0, 4, "gru", False), strict=True)), (2 / 3,)),
    TrialRow(
        2,
        "PRUNED",
        0.1 + 0.2,
        dict(zip(NAMES, (1 / 7, 4, "lstm", True), strict=True)),
        (1.1 + 0.2, 0.1 + 0.2),
        CHECKS,
        reason='said "stop"\nand meant it',
    ),
)


def write(folder: Path, rows: tuple[TrialRow, ...]) -> None:
    write_csv(folder / "trials.csv", trial_table(rows, NAMES))
    write_csv(folder / "curves.csv", curve_table(rows))
    write_csv(folder / "checks.csv", check_table(rows))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_rows_come_back_from_their_tables_to_the_last_bit(count: int, tmp_path: Path) -> None:
    rows = ROWS[:count]
    write(tmp_path, rows)
    back = trial_rows(tmp_path)
    assert back == rows
    assert [explain(row, back, "minimize") for row in back] == [
        explain(row, rows, "minimize") for row in rows
    ]
