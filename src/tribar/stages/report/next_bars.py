"""The forecast from the newest bars of the source."""

from tribar.page.html import Markup, folded, listed, phrase, proper_name, table, tag
from tribar.stages.report.elements import MOST, cited, when
from tribar.stages.report.numbers import show
from tribar.stages.report.results import Record, Results


def next_bars(results: Results) -> Markup:
    """Return the forecast, and what a reader should know of it."""
    record = results.record("evaluate/forecast.json")
    found = record.part("forecasts").listed()[:MOST]
    notes = [cited(one) for one in record.part("notes").listed()]
    if not found:
        return phrase(tag("h3", "The next bars"), listed(notes))
    head = ("Symbol", "Down", "Flat", "Up", "Action", "Expected of it")
    said = table("Which barrier is touched first, by the best model", head, map(_said, found))
    columns = ("Symbol", "Decided", "Valid for bars", "Lower", "Upper")
    rest = table("Prices of the barriers", columns, map(_barriers, found))
    return phrase(
        tag("h3", "The next bars"), said, folded("Barriers, and notes", rest, listed(notes))
    )


def _said(one: Record) -> list[str]:
    shares = [show(one.number(key), ".1%") for key in ("down", "flat", "up")]
    expected = show(one.number("expected_return"), "+.2%")
    return [proper_name(one.text("symbol")), *shares, one.text("action"), expected]


def _barriers(one: Record) -> list[str]:
    prices = [show(one.number(key), ",.2f") for key in ("lower", "upper")]
    valid = show(one.number("bars_valid"))
    return [proper_name(one.text("symbol")), when(one, "decision"), valid, *prices]
