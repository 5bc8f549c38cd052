import json

from tribar.trials import PruneCheck, TrialRow, from_lines, to_lines

CHECKS = (
    PruneCheck(0, 1.1 + 0.2, None, 0, "median", pruned=False),
    PruneCheck(1, 0.1 + 0.2, 1 / 3, 2, "median", pruned=True),
)
NAMES = ("rate", "units", "cell", "wide")
ROWS = (
    TrialRow(0, "FAIL", (), dict(zip(NAMES, (1e-5, 8, "gru", True), strict=True)), reason="a, b"),
    TrialRow(
        1, "COMPLETE", (2 / 3,), dict(zip(NAMES, (0.0, 4, "gru", False), strict=True)), (2 / 3,)
    ),
    TrialRow(
        2,
        "PRUNED",
        (0.1 + 0.2,),
        dict(zip(NAMES, (1 / 7, 4, "lstm", True), strict=True)),
        (1.1 + 0.2, 0.1 + 0.2),
        CHECKS,
        reason='said "stop"\nand meant it',
    ),
)


def test_rows_come_back_from_their_lines_to_the_last_bit() -> None:
    assert from_lines(to_lines(ROWS)) == ROWS


def test_rows_of_the_earlier_version_are_read() -> None:
    lines = [json.loads(line) for line in to_lines(ROWS).splitlines()]
    earlier = [
        {**line, "value": line["values"][0] if line["values"] else None, "values": []}
        for line in lines
    ]
    assert from_lines("\n".join(map(json.dumps, earlier))) == ROWS
    several = {**lines[1], "value": 2 / 3, "values": [2 / 3, 0.5]}
    assert from_lines(json.dumps(several))[0].values == (2 / 3, 0.5)
