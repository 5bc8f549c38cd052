"""What is logged of a pipeline run: plain values, so that another process can be handed them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tribar.trial.result import Span

Status = Literal["FINISHED", "KILLED", "FAILED"]
"""How a run ended, in MLflow's words."""


@dataclass(frozen=True)
class ChildRecord:
    """A run below the pipeline's: a trial, or a network of the best model.

    Attributes:
        name: how it is listed.
        kind: `trial` or `seed`.
        status: how it ended.
        description: Markdown.
        tags: further ones.
        params: its configuration, as far as that was chosen.
        curves: values of each metric, step by step.
        span: when it ran; None where that is not known.
    """

    name: str
    kind: Literal["trial", "seed"]
    status: Status
    description: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    curves: Mapping[str, tuple[float, ...]]
    span: Span | None = None


@dataclass(frozen=True)
class DatasetRecord:
    """A prepared split, as the input of a run.

    Attributes:
        name: of the data and the split.
        digest: of its content.
        context: what it served for.
        source: path of the raw data.
        columns: names of the features.
        profile: its size and span.
    """

    name: str
    digest: str
    context: Literal["training", "testing"]
    source: str
    columns: tuple[str, ...]
    profile: Mapping[str, str | int]


@dataclass(frozen=True)
class ModelRecord:
    """A model.

    Attributes:
        folder: that holds it, safetensors and JSON.
        name: how it is listed.
        params: its configuration.
        version: names it: a hash of its files.
    """

    folder: Path
    name: str
    params: Mapping[str, str]
    version: str


@dataclass(frozen=True)
class PipelineRecord:
    """A run of the whole pipeline.

    Attributes:
        name: how it is listed.
        description: the verdict, in Markdown.
        tags: where code and data came from, and the verdict in a word.
        params: the few parameters that tell runs apart; `best.<name>` were found.
        metrics: the few figures that matter first.
        texts: further files to keep, by path in the run.
        results: folders of files to keep, by path in the run.
        datasets: the prepared splits; the last one judged the model.
        model: the best one.
        children: the runs below.
        span: when the pipeline ran.
        trials_seconds: for how long any trial of the study ran; None where that is not known.
    """

    name: str
    description: str
    tags: Mapping[str, str]
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    texts: Mapping[str, str]
    results: Mapping[str, Path]
    datasets: tuple[DatasetRecord, ...]
    model: ModelRecord
    children: tuple[ChildRecord, ...]
    span: Span
    trials_seconds: float | None = None
