"""The parameters of prepare: from a source to windows and splits."""

import re
from collections.abc import Iterator
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from tribar.block import MANY, Block, Fault, Name
from tribar.dataset.config import LabelParams, SplitParams
from tribar.errors import did_you_mean
from tribar.market.findings.rules import RULES

Line = Annotated[int, Field(ge=1, le=MANY)]
COLUMNS = (
    *("timestamp", "time", "symbol", "open", "high", "low", "close", "adj_close", "volume"),
    *("label", "label_end"),
)
"""The names that a column may be given; `time` is a time of day beside a date."""


class ReadParams(Block):
    """How the source's files are to be read; what is auto is found out from whole columns."""

    files: Name = Field("auto", description="those of a source folder: auto, or a pattern (*.csv)")
    encoding: Name = Field("auto", description="auto, utf-8, cp1252, ...")
    separator: Name = Field("auto", description="between cells: auto, or a sign; tab, space")
    skip: Literal["auto"] | Annotated[int, Field(ge=0)] = Field(
        "auto", description="lines above the table"
    )
    header: Literal["auto", "none"] | Line | tuple[Line, ...] = Field(
        "auto", description="lines that name the columns, counted from 1"
    )
    columns: Literal["auto"] | dict[Name, Name | Line] = Field(
        "auto", description="our names: the file's, or positions counted from 1"
    )
    date_format: Name = Field("auto", description="auto, s, ms, us, ns, or as strftime has it")
    decimal: Literal["auto", ".", ","] = "auto"
    thousands: Literal["auto", "none", ".", ",", " ", "'", "_"] = "auto"
    layout: Literal["auto", "long", "wide"] = Field(
        "auto", description="wide: a column of closes a symbol"
    )
    symbol_from: Name = Field(
        "auto", description="auto, column, file, or a regular expression with a group"
    )

    def conflicts(self) -> Iterator[Fault]:
        """Yield names of columns that there are none of, and a pattern that is none."""
        if self.columns != "auto":
            for name in self.columns.keys() - set(COLUMNS):
                known = ", ".join(COLUMNS)
                yield Fault(
                    f"columns.{name}", f"unknown; known: {known}{did_you_mean(name, COLUMNS)}"
                )
        if self.symbol_from not in ("auto", "column", "file"):
            yield from self._pattern_faults()
        if len(self.separator) != 1 and self.separator not in ("auto", "tab", "space"):
            yield Fault("separator", f"{self.separator!r}: write auto, one sign, tab or space")
        if self.decimal == self.thousands != "auto":
            yield Fault("thousands", "the same sign as decimal's; change one")

    def _pattern_faults(self) -> Iterator[Fault]:
        example = r"write one such as ([A-Z]+)-.*, whose group is the symbol"
        try:
            groups = re.compile(self.symbol_from).groups
        except re.error as error:
            yield Fault("symbol_from", f"no regular expression ({error}); {example}")
            return
        if groups != 1:
            yield Fault("symbol_from", f"{groups} groups in the regular expression; {example}")


class PrepareParams(Block):
    """From a source of bars (or of labels) to windows and splits."""

    source: Name
    read: ReadParams = Field(ReadParams(), description="how the source's files are read")
    findings: dict[Name, Literal["refuse", "warn", "ignore"]] = Field(
        {}, description="what to do about doubtful data, by code: refuse, warn or ignore"
    )
    kind: Literal["bars", "labelled"]
    window: int = Field(ge=2, le=MANY, description="bars that one decision sees")
    timezone: str = Field("UTC", description="of times without an offset, and of the calendar")
    stamps: Literal["end", "start"] = Field("end", description="which end of a bar its time marks")
    max_gap_days: float = Field(gt=0, description="longest hole between two bars of a symbol")
    features: tuple[Name, ...] = Field(min_length=1)
    feature_groups: dict[Name, tuple[Name, ...]] = Field(description="names for model.features")
    labels: LabelParams
    splits: SplitParams

    def conflicts(self) -> Iterator[Fault]:
        """Yield unknown findings and time zones, and stamps of rows that are no bars."""
        for code in self.findings.keys() - RULES.keys():
            yield Fault(f"findings.{code}", f"unknown; known: {', '.join(RULES)}")
        try:
            ZoneInfo(self.timezone)
        except (ValueError, OSError, LookupError):
            yield Fault(
                "timezone",
                f"{self.timezone!r} is unknown; write UTC or a name such as America/New_York",
            )
        if self.kind == "labelled" and self.stamps == "start":
            yield Fault("stamps", "a labelled table has decisions, no bars; set it to end")
