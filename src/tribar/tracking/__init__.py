"""Tracking: the only importer of MLflow, and only while a run is logged or shown."""

from tribar.tracking.pipeline import TrackingResult, log_pipeline
from tribar.tracking.record import PipelineRecord, TrialRecord
from tribar.tracking.ui import open_ui

__all__ = ["PipelineRecord", "TrackingResult", "TrialRecord", "log_pipeline", "open_ui"]
