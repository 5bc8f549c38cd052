"""How to reproduce it: the inputs' hashes, parameters, versions, and the commands."""

from tribar.page.html import Markup, folded, proper_name, table, tag
from tribar.stages.report.elements import prose, section
from tribar.stages.report.inputs import Inputs

_COMMANDS = (
    ("dvc repro", "runs what is not up to date, to this page"),
    ("dvc repro --force", "runs everything anew"),
    ("tribar verdict", "prints the verdict"),
    ("tribar predict FILE", "forecasts the bars after the newest ones of a file"),
    ("tribar explain N", "says why trial N ended as it did"),
)


def reproduce(inputs: Inputs) -> Markup:
    """Return the section. A page cannot hold the revision that it is committed in."""
    hashes = [
        (proper_name(path), prose(tag("code", found))) for path, found in inputs.hashes.items()
    ]
    versions = [(one, tag("code", found)) for one, found in inputs.versions.items()]
    commands = [(tag("code", command), prose(says)) for command, says in _COMMANDS]
    lacking = tag("p", "The stages were run by hand: DVC has no hash of what they read.")
    return section(
        "reproduce",
        "How to reproduce it",
        tag("p", "The revision is that of the commit which holds this page; the same revision "
            "gives the same bytes."),
        table("Commands", ("Command", "What it does"), commands),
        table("Inputs, as dvc.lock has them", ("File", "Hash"), hashes) if hashes else lacking,
        table("Libraries", ("Name", "Version"), versions),
        folded("All parameters", tag("pre", inputs.parameters_text())),
    )  # fmt: skip
