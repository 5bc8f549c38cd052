"""evaluate: the best model on the test split, against baseline and references."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.console import Console

from tribar.config.schema import Params
from tribar.console import print_line
from tribar.dataset.prepared import PreparedSplit
from tribar.evaluation.config import EvaluateParams
from tribar.evaluation.importance import Importance, importance
from tribar.evaluation.permutation import permutations
from tribar.evaluation.references import logistic, uniform
from tribar.evaluation.uncertainty import paired_block_bootstrap
from tribar.evaluation.verdict import Verdict, judge
from tribar.metrics.predictions import CLASS_NAMES, Probability, prior
from tribar.metrics.reliability import confusion_pairs, reliability_table
from tribar.metrics.scores import Scores, losses, score
from tribar.outputs.best_params import read_best_value
from tribar.outputs.workspace import RESULTS, Workspace
from tribar.outputs.writers import write_csv, write_json, write_parquet
from tribar.runtime import derive_seed, open_device
from tribar.stages.evaluate.inputs import Inputs, read_inputs
from tribar.stages.evaluate.predictions import Predicted, predict_all
from tribar.stages.evaluate.verdict import say_verdict
from tribar.tracking import log_pipeline
from tribar.tracking.run_record import pipeline_record, require_results


def run(params: Params, workspace: Workspace, console: Console) -> None:
    """Predict, score, compare, explain; write the results and log the whole run."""
    open_device("cpu")
    require_results(workspace)
    inputs, tuned = read_inputs(workspace), read_best_value(workspace)
    test, best = inputs.test, inputs.best
    seed = derive_seed(params.base.seed, "permutation")
    permuted = permutations(test, params.evaluate.block, params.evaluate.permutation_repeats, seed)
    predicted = predict_all(workspace, permuted)
    predictions = _predictions(inputs, predicted)
    labels = test.samples["label"].to_numpy()
    scores = _score(labels, predictions, params.evaluate)
    verdicts = _judge(test, predictions, params.evaluate, params.base.seed)
    ranking = importance(test, predicted.best, predicted.permuted)
    metrics = _metrics(scores, verdicts, tuned, params.evaluate.confidence)
    _write(workspace, params.evaluate, test, predictions, metrics, ranking)
    _write_attention(workspace, test, best.attention(test.rows, test.samples))
    say_verdict(metrics, console)
    record = pipeline_record(params, metrics, workspace)
    logged = log_pipeline(record, params.tracking.experiment, workspace.root, workspace.home)
    print_line(console, logged.message)


def _predictions(inputs: Inputs, predicted: Predicted) -> dict[str, Probability]:
    """Return the test probabilities of the two models and of the references."""
    test, development = inputs.test, inputs.development
    train = development.part("train")
    labels = train["label"].to_numpy()
    return {
        "best": predicted.best,
        "baseline": predicted.baseline,
        "prior": prior(labels, len(test.samples)),
        "uniform": uniform(len(test.samples)),
        "logistic": logistic(
            development.rows[train["last"]], labels, test.rows[test.samples["last"]]
        ),
    }


def _score(
    labels: np.ndarray, predictions: Mapping[str, Probability], params: EvaluateParams
) -> dict[str, Scores]:
    reference = float(losses(labels, predictions["prior"]).mean())
    return {
        who: score(labels, probability, reference, params.calibration_bins)
        for who, probability in predictions.items()
    }


def _judge(
    test: PreparedSplit, predictions: Mapping[str, Probability], params: EvaluateParams, seed: int
) -> dict[str, Verdict]:
    """Return the verdict of the best model against each of the others."""
    labels = test.samples["label"].to_numpy()
    each = {who: losses(labels, probability) for who, probability in predictions.items()}
    return {
        other: judge(
            paired_block_bootstrap(
                each["best"],
                each[other],
                test.samples["decision"],
                params.block,
                params.bootstrap_samples,
                params.confidence,
                np.random.default_rng(derive_seed(seed, "bootstrap")),
            )
        )
        for other in ("baseline", "prior", "logistic")
    }


def _metrics(
    scores: Mapping[str, Scores], verdicts: Mapping[str, Verdict], tuned: float, confidence: float
) -> dict[str, Any]:
    compared = {f"best_minus_{other}": each.record() for other, each in verdicts.items()}
    return {
        **{who: each.metrics() for who, each in scores.items()},
        "selection": _selection(tuned, scores["best"].log_loss),
        "comparison": {"confidence": confidence, **compared},
        "verdict": verdicts["baseline"].verdict,
    }


def _selection(validation: float, test: float) -> dict[str, float]:
    """Return the winner's log-loss where it was chosen and on test, and test minus validation.

    Of one network in one period and of an ensemble in another: the gap is no estimate of how
    much the choice on validation was luck.

    >>> _selection(1.0, 1.25)
    {'validation': 1.0, 'test': 1.25, 'gap': 0.25}
    """
    return {"validation": validation, "test": test, "gap": test - validation}


def _write(
    workspace: Workspace,
    params: EvaluateParams,
    test: PreparedSplit,
    predictions: Mapping[str, Probability],
    metrics: Mapping[str, Any],
    ranking: tuple[Importance, ...],
) -> None:
    folder = workspace.target(RESULTS / "evaluate")
    labels = test.samples["label"].to_numpy()
    models = {who: predictions[who] for who in ("best", "baseline", "logistic")}
    write_json(folder / "metrics.json", metrics)
    write_csv(folder / "confusion.csv", confusion_pairs(labels, predictions["best"]))
    write_csv(
        folder / "calibration.csv", reliability_table(labels, models, params.calibration_bins)
    )
    write_csv(folder / "feature_importance.csv", pd.DataFrame([asdict(one) for one in ranking]))
    write_parquet(folder / "predictions.parquet", _prediction_table(test, predictions))


def _write_attention(
    workspace: Workspace, test: PreparedSplit, weights: NDArray[np.float32]
) -> None:
    """Write the best model's weight of each bar, of every decision and their mean."""
    folder, before = workspace.target(RESULTS / "evaluate"), np.arange(weights.shape[1])[::-1]
    mean = pd.DataFrame({"bars_before": before, "weight": weights.mean(axis=0, dtype=float)})
    write_csv(folder / "attention.csv", mean)
    decisions = test.samples[["symbol", "decision"]]
    bars = pd.DataFrame(weights, decisions.index, [f"bars_before_{n}" for n in before])
    write_parquet(folder / "attention.parquet", decisions.join(bars))


def _prediction_table(test: PreparedSplit, predictions: Mapping[str, Probability]) -> pd.DataFrame:
    table = test.samples[["symbol", "decision", "label", "label_end", "exit_return"]].copy()
    for who, probability in predictions.items():
        for column, name in enumerate(CLASS_NAMES):
            table[f"{who}_{name}"] = probability[:, column]
    return table
