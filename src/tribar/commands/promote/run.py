"""The command: examine the model, and make it the champion where it may be."""

from rich.console import Console

from tribar.commands.cards import NO_CARD, find_card
from tribar.commands.promote.artifact import Artifact, read_artifact
from tribar.commands.promote.candidate import Candidate
from tribar.commands.promote.examination import Examination, examine
from tribar.config.schema import Params
from tribar.console import print_line
from tribar.outputs.workspace import Workspace
from tribar.records.revision import describe_revision, git
from tribar.runtime import open_device
from tribar.tracking.fetch import name_store
from tribar.tracking.registry import ALIAS, Entry, find_champion, register

_FORCE = "--force promotes it all the same, with a tag that says so"


def run(params: Params, workspace: Workspace, refit: bool, force: bool, console: Console) -> bool:
    """Promote the model where the gate and the champion allow it; return whether it is champion.

    Args:
        params: of the whole pipeline.
        workspace: where the models and the results lie.
        refit: registers models/refit in the place of models/best, from which it was refitted.
        force: promotes in any case, with a tag that says so.
        console: for what was found.

    Raises:
        UserError: there is nothing that could be judged, or the registry does not answer.
    """
    open_device("cpu")
    name, home = params.promote.name, workspace.home
    artifact = read_artifact(workspace.root, name)
    candidate = Candidate.read(workspace, refit)
    champion = find_champion(name, home)
    if champion and champion.model == candidate.model.version:
        print_line(console, f"{candidate.title} is the {ALIAS} already: {champion.title}")
        return True
    print_line(console, f"candidate: {candidate.title}, labels until {candidate.judged.until}")
    found = examine(candidate, champion, params, workspace)
    for line in found.lines:
        print_line(console, line)
    if found.failed and not force:
        print_line(console, f"not promoted, for this fails: {', '.join(found.failed)}; {_FORCE}")
        return False
    entry = _entry(candidate, found, artifact, params, workspace)
    made = register(entry, champion, params.tracking.experiment, home)
    how = "by force, " if found.failed else ""
    line = f"promoted: {how}{made.title} is models:/{name}@{ALIAS} in {name_store(home)}"
    print_line(console, line)
    print_line(console, "its model card lies beside it" if entry.card else NO_CARD)
    return True


def _entry(
    candidate: Candidate,
    found: Examination,
    artifact: Artifact,
    params: Params,
    workspace: Workspace,
) -> Entry:
    tags = {
        "verdict": found.verdict,
        "log_loss": f"{found.log_loss:.6f}",
        "data.sha256": candidate.judged.model.schema.source_sha256,
        "git.commit": git(workspace.root, "rev-parse", "HEAD"),
        "git.describe": describe_revision(workspace.root),
        "forced": str(bool(found.failed)).lower(),
        "failed": "; ".join(found.failed),
        "refit": str(candidate.is_refit).lower(),
    }
    return Entry(
        name=params.promote.name,
        description=artifact.description,
        labels=artifact.labels,
        model=candidate.record(),
        judged=candidate.judged.version,
        tags={key: value for key, value in tags.items() if value},
        notes="\n".join(f"- {line}" for line in found.lines),
        card=find_card(workspace, candidate.judged.version),
    )
