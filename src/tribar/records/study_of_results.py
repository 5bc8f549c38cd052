"""The study on disk that results are of, and when its trials ran, which no result tells."""

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from tribar.errors import UserError
from tribar.records.stored import StoredStudy, find_studies
from tribar.trial.result import Span
from tribar.trials import TrialRow, to_lines


def study_of(rows: Sequence[TrialRow], folder: Path) -> StoredStudy | None:
    """Return the study in `folder` whose first trials these are; None where it is not there."""
    text = to_lines(rows)
    for study in find_studies(folder):
        with suppress(UserError):  # a damaged journal is another study's affair
            if to_lines(study.rows()).startswith(text):
                return study
    return None


def spans_of(study: StoredStudy) -> dict[int, Span]:
    """Return when the trials of a study ran, by number, of those of which it is known."""
    lines = (study.folder / "journal.jsonl").read_text(encoding="utf-8").splitlines()
    finished = [json.loads(line.partition(" ")[2]) for line in lines[1 : len(study.rows()) + 1]]
    return {one["number"]: Span(*one["span"]) for one in finished if one.get("span")}
