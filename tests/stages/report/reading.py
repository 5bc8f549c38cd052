"""A page as a reader's program has it: its texts, and where they say that they are from."""

import csv
import json
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

VOID = {"meta", "br", "use", "path"}
SILENT = {"script", "style", "svg", "code", "pre", "title"}
"""What holds no number of a result, or is drawn from one."""


@dataclass
class Text:
    """A piece of text, with the elements around it and the source that it names."""

    text: str
    around: tuple[str, ...]
    source: str | None


@dataclass
class Element:
    """A start tag."""

    name: str
    attributes: dict[str, str | None]


@dataclass
class Page(HTMLParser):
    """The texts and the elements of a page."""

    texts: list[Text] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    _open: list[tuple[str, str | None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @classmethod
    def of(cls, text: str) -> "Page":
        page = cls()
        page.feed(text)
        assert not page._open, "each element is closed"
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))
        if tag not in VOID:
            self._open.append((tag, dict(attrs).get("data-from")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID:
            assert self._open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        sources = [source for _, source in self._open if source]
        around = tuple(name for name, _ in self._open)
        self.texts.append(Text(data, around, sources[-1] if sources else None))

    def visible(self) -> list[Text]:
        return [one for one in self.texts if not SILENT & set(one.around)]


def look_up(results: Path, source: str) -> Any:
    """Return what a file of results holds at a key, or in a line and column."""
    name, _, key = source.partition("#")
    if name.endswith(".json"):
        found = _json(results / name)
        for part in key.split("."):
            found = found[int(part)] if isinstance(found, list) else found[part]
        return found
    line, _, column = key.partition(".")
    return _csv(results / name)[int(line) - 1][column]


@cache
def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


@cache
def _csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
