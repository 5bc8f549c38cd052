import json
from pathlib import Path

import pandas as pd
import pytest

from tribar.outputs.writers import write_csv, write_json


def test_json_is_sorted_round_trip_and_ends_with_a_newline(tmp_path: Path) -> None:
    write_json(tmp_path / "a/b.json", {"z": 0.1 + 0.2, "a": {"y": 1, "x": 2}})
    text = (tmp_path / "a/b.json").read_text()
    assert text.endswith("}\n")
    assert text.index('"a"') < text.index('"x"') < text.index('"y"') < text.index('"z"')
    assert json.loads(text)["z"] == 0.1 + 0.2


def test_nothing_that_json_does_not_know_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_json(tmp_path / "b.json", {"loss": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_csv_floats_round_trip(tmp_path: Path) -> None:
    table = pd.DataFrame({"b": [0.1 + 0.2, 1e-300], "a": [1, 2]})
    write_csv(tmp_path / "t.csv", table)
    back = pd.read_csv(tmp_path / "t.csv")
    pd.testing.assert_frame_equal(back, table, check_exact=True)
