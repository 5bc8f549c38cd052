"""Bodies that a server has to refuse, each with one mistake, and what has to be said of it."""

import json
from collections.abc import Callable
from typing import Any

import pandas as pd

from tests.commands.serving import body

Make = Callable[[pd.DataFrame], str | bytes]
DAY = "2020-01-02"


def with_cell(column: str, value: Any) -> Make:
    """Return good bars but for one cell, in the sixth row."""

    def make(bars: pd.DataFrame) -> str:
        rows = bars.to_dict("records")
        rows[5][column] = value
        return json.dumps({"bars": rows})

    return make


def without(column: str) -> Make:
    return lambda bars: body(bars.drop(columns=column))


def asking(**options: Any) -> Make:
    return lambda bars: body(bars, **options)


def of(bars: Any) -> Make:
    return lambda _: json.dumps({"bars": bars})


def text(whole: str | bytes) -> Make:
    return lambda _: whole


BAD_BARS: dict[str, tuple[Make, str]] = {
    "no close": (without("close"), "no column is close; there are 'symbol'"),
    "no time": (without("timestamp"), "no column is timestamp; there are 'symbol'"),
    "no volume": (without("volume"), "no column volume, which the model's features"),
    "too few bars": (lambda bars: body(bars.tail(20)), "there are: SP500 (20); give more"),
    "no bars": (of([]), "bars: no rows; give a list of bars"),
    "no table": (of("SP500"), "bars: no table; give a list of bars"),
    "numbers for bars": (of([1, 2]), "row 1 is no bar with named values"),
    "a short row": (of({"columns": ["a", "b"], "data": [[1]]}), "row 1 is no list of 2 values"),
    "a number for a name": (of({"columns": [5], "data": [[1]]}), "columns: no list of names"),
    "a name twice": (of({"columns": ["a", "a"], "data": [[1, 2]]}), "Duplicate column names"),
    "unequal columns": (of({"a": [1], "b": [1, 2]}), "columns of 1 to 2 values"),
    "many columns": (of([{str(n): n for n in range(20_000)}]), "20000 columns; at most 10000"),
    "a time twice": (of({"date": [DAY] * 2, "close": [1, 2], "x": [1, 2]}), "keep one of them"),
    "NaN": (with_cell("close", float("nan")), "close is no positive number: row 6 (nan)"),
    "null": (with_cell("close", None), "close is no positive number: row 6 (nan)"),
    "infinity": (with_cell("high", float("inf")), "high is no positive number: row 6 (inf)"),
    "a negative price": (with_cell("low", -1), "low is no positive number: row 6 (-1.0)"),
    "a text for a price": (with_cell("close", "abc"), "close is no number: row 6 ('abc')"),
    "a list for a price": (with_cell("close", [1.5]), "close is no number: row 6 ('[1.5]')"),
    "an object for a price": (with_cell("close", {"a": 1}), "close is no number: row 6"),
    "objects for prices": (of([{"timestamp": DAY, "close": {}}]), "column close holds struct"),
    "more than 64 bits": (with_cell("volume", -(10**40)), "volume is neither zero nor positive"),
    "a text for a time": (with_cell("timestamp", "soon"), "is no time: row 6 ('soon')"),
    "the year 9999": (with_cell("timestamp", "9999-01-01"), "is no time: row 6"),
    "a path as a symbol": (with_cell("symbol", "../../x"), "no name of a symbol: row 6 ('../"),
    "markup as a symbol": (with_cell("symbol", "<b>"), "no name of a symbol: row 6 ('<b>')"),
    "a formula as a symbol": (with_cell("symbol", "=x()"), "name of a symbol: row 6 ('=x()')"),
    "lines in a symbol": (with_cell("symbol", "A\nB"), r"name of a symbol: row 6 ('A\nB')"),
    "an escape in a symbol": (with_cell("symbol", "\x1b[1m"), "name of a symbol: row 6 ("),
    "a long symbol": (with_cell("symbol", "x" * 10_000), "xxx...')"),
    "half a sign as a symbol": (with_cell("symbol", "\ud800"), r"there are: SP500 (163), \ud800"),
    "half a sign as a name": (of([{"\ud800": 1}]), "a column's name is no text"),
    "an unknown option": (asking(evry=1), "known: bars, every, as_of; did you mean every?"),
    "an option's type": (asking(every="yes"), "every: write true or false"),
    "as_of as a number": (asking(as_of=5), "as_of: no text"),
    "as_of in words": (asking(as_of="soon"), "as_of: 'soon' is no time; write one such as"),
    "as_of in the year 1": (asking(as_of="0001-01-01"), "as_of: '0001-01-01' is no time"),
    "as_of before all": (asking(as_of="1990-01-01"), "nothing ends until 1990-01-01"),
    "no object": (text("[]"), "no object of JSON"),
    "nothing": (text(""), "the body is no JSON"),
    "no text": (text(b"\xff\xfe\x00"), "the body is no JSON"),
    "5000 digits": (text('{"bars": ' + "9" * 5000 + "}"), "the body is no JSON"),
    "deep lists": (text("[" * 100_000), "nested too deeply"),
}

BAD_CSV: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "the file is empty"),
    "names alone": ("timestamp,close\n", "holds no rows"),
    "a text for a price": (f"timestamp,close\n{DAY},abc\n", "close is no number: line 2 ('abc')"),
    "no text": (b"\x00\x01\x02", "it is no text"),
    "a day or a month": ("timestamp,close\n01/02/2020,1\n02/03/2020,2\n", "may be 2020-01-02"),
    "many columns without names": (",".join(map(str, range(9_999))), "no column is timestamp"),
}

BAD_INVOCATIONS: dict[str, tuple[Any, str]] = {
    "no table": ({}, "the body has 0 tables; give one of dataframe_split"),
    "two tables": ({"inputs": [], "dataframe_records": []}, "the body has 2 tables"),
    "no rows": ({"inputs": []}, "inputs: no rows"),
    "a number for options": ({"inputs": [{"close": 1}], "params": 5}, "params: no options"),
    "an unknown option": ({"inputs": [{"close": 1}], "params": {"x": 5}}, "params has 'x'"),
    "an unknown form": ({"instances": []}, "the body has 'instances'"),
}
