"""The notes that optuna-dashboard shows beside a study's trials."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

import optuna

_PIECE = 2045
"""Characters of a note in one attribute."""


def write_notes(study: optuna.Study, notes: Mapping[int, str]) -> None:
    """Write a text for each trial, by its number, unless somebody has edited the one it has.

    In the attributes, and with the version, that optuna-dashboard's `save_note` gives a first note;
    an edit in the dashboard raises the version.
    """
    storage, study_id = study._storage, study._study_id
    trials, there = study.get_trials(deepcopy=False), storage.get_study_system_attrs(study_id)
    for number, text in notes.items():
        for key, value in _attributes(trials[number]._trial_id, text, there):
            storage.set_study_system_attr(study_id, key, value)


def _attributes(trial: int, text: str, there: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the attributes of a note that a study lacks or has otherwise."""
    version, piece = f"dashboard:{trial}:note_ver", f"dashboard:{trial}:note_str:"
    if there.get(version, 1) > 1:
        return
    block = f"```\n{text}\n```"
    pieces = [block[at : at + _PIECE] for at in range(0, len(block), _PIECE)]
    for number in count():
        key = f"{piece}{number}"
        if number >= len(pieces) and key not in there:
            break
        value = pieces[number] if number < len(pieces) else ""
        if there.get(key) != value:
            yield key, value
    if version not in there:
        yield version, 1
