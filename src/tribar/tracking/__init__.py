"""Tracking: the only importer of MLflow, and only while a run is logged or shown."""

from tribar.tracking.gather.run import require_results
from tribar.tracking.pipeline import log_evaluation, log_stored
from tribar.tracking.process import LogProcess, TrackingResult
from tribar.tracking.ui import open_ui

__all__ = [
    "LogProcess",
    "TrackingResult",
    "log_evaluation",
    "log_stored",
    "open_ui",
    "require_results",
]
