"""The page: the verdict first, then all that it rests on."""

from tribar.page.document import document
from tribar.page.html import join, tag
from tribar.stages.report.data import data
from tribar.stages.report.evaluation import evaluation
from tribar.stages.report.first_screen import first_screen
from tribar.stages.report.inputs import Inputs
from tribar.stages.report.model import model
from tribar.stages.report.reproduce import reproduce
from tribar.stages.report.results import Results
from tribar.stages.report.study import study

_SECTIONS = {
    "data": "The data",
    "study": "The study",
    "model": "The model",
    "evaluation": "The evaluation",
    "reproduce": "How to reproduce it",
}


def page(results: Results, inputs: Inputs) -> str:
    """Return the page as HTML that needs nothing beside it."""
    asked = "Is the model worth anything?"
    title = (
        f"{results.record('prepare/metrics.json').text('symbols')}: {asked[0].lower()}{asked[1:]}"
    )
    links = (tag("li", tag("a", says, href=f"#{anchor}")) for anchor, says in _SECTIONS.items())
    contents = tag("nav", tag("ul", *links), aria_label="Sections")
    skip = tag("a", "Skip to the sections", href="#data", class_="skip")
    head = tag("header", skip, contents, tag("h1", asked), first_screen(results))
    sections = (data(results), study(results), model(results), evaluation(results))
    card = tag("a", "model card", href="model_card.md")
    foot = tag("footer", tag("p", "The same in words: the ", card, ".", class_="note"))
    return document(title, join([head, tag("main", *sections, reproduce(inputs)), foot]))
