"""Logs a pipeline's run: at the end of evaluate, or of results that lie there."""

import json
import time
from contextlib import suppress

from tribar.config.schema import Params
from tribar.files import hash_files
from tribar.outputs.workspace import STATE, Workspace
from tribar.outputs.writers import write_json
from tribar.tracking.gather.durations import command_began
from tribar.tracking.gather.run import EVALUATED, pipeline_record, require_results
from tribar.tracking.process import LogProcess, TrackingResult
from tribar.trial.result import Span

_LAST = STATE / "last_run.json"
"""When the pipeline ran last, and a hash of what it found; no result may tell the time."""


def log_evaluation(process: LogProcess, params: Params, workspace: Workspace) -> TrackingResult:
    """Log the run that has just written its last result.

    Raises:
        UserError: a result or a prepared split is missing, or the disk is full.
    """
    span = Span(command_began(), time.time())
    last = {"found": _hash(workspace), "span": list(span)}
    write_json(workspace.home / _LAST, last)
    return process.log(pipeline_record(params, workspace, span))


def log_stored(params: Params, workspace: Workspace, seconds: float) -> TrackingResult:
    """Log the run whose results lie in a workspace.

    Args:
        params: of the whole pipeline.
        workspace: where the stages' results lie.
        seconds: that a server may take in all.

    Raises:
        UserError: a result or a prepared split is missing.
    """
    require_results(workspace, [EVALUATED])
    record = pipeline_record(params, workspace, _span(workspace))
    return LogProcess(workspace.home, params.tracking.experiment).log(record, seconds)


def _span(workspace: Workspace) -> Span:
    """Return when the pipeline ran; where that is not known, the moment of its last result."""
    with suppress(OSError, ValueError, LookupError, TypeError):
        last = json.loads((workspace.home / _LAST).read_text(encoding="utf-8"))
        if last["found"] == _hash(workspace):
            return Span(*last["span"])
    written = workspace.source(EVALUATED).stat().st_mtime
    return Span(written, written)


def _hash(workspace: Workspace) -> str:
    return hash_files([workspace.source(EVALUATED)])
