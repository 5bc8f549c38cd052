"""The model card: what a stranger has to know before using the model, in Markdown."""

from collections.abc import Iterator

from tribar.outputs.workspace import BEST_MODEL, REFIT_MODEL
from tribar.stages.report.elements import called
from tribar.stages.report.first_screen import headline, is_lost
from tribar.stages.report.inputs import Inputs
from tribar.stages.report.numbers import SHARE, date, plain, plain_interval
from tribar.stages.report.results import Record, Results

_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_{}[]<>()#+|!&$~"})


def model_card(results: Results, inputs: Inputs) -> str:
    """Return the card as Markdown."""
    sections = {
        "Data": _data,
        "Intended use": _use,
        "Limits": _limits,
        "Metrics": _metrics,
        "Verdict": _verdict,
        "How often the test split was opened": _ledger,
        "Training": _training,
    }
    parts = [f"# Model card: `{BEST_MODEL}`\n"]
    for title, lines in sections.items():
        parts.append(f"## {title}\n\n" + "\n".join(lines(results, inputs)) + "\n")
    return "\n".join(parts)


def escape(text: str) -> str:
    r"""Return a text that Markdown shows as it is, in one line.

    >>> print(escape("<b> a_b"))
    \<b\> a\_b
    """
    return " ".join(text.split()).translate(_SIGNS)


def _data(results: Results, inputs: Inputs) -> Iterator[str]:
    prepared = results.record("prepare/metrics.json")
    source = str(inputs.parameters["prepare"]["source"])
    yield f"- source: {escape(source)}; symbols: {escape(prepared.text('symbols'))}"
    for split in ("train", "validation", "test"):
        one = prepared.part("splits", split)
        ends = [date(one.text(key)) for key in ("first_decision", "last_decision")]
        count, effective = (plain(one.number(key)) for key in ("samples", "effective_samples"))
        yield f"- {split}: {ends[0]} to {ends[1]}, {count} decisions ({effective} effective)"
    yield (
        "- licence: the model was learnt from the source, whose own terms hold for what is made of "
        "it. The README.md in the folder of the source says them; for the sample that comes with "
        "tribar it is `data/raw/README.md`."
    )


def _use(results: Results, inputs: Inputs) -> Iterator[str]:
    horizon = inputs.parameters["prepare"]["labels"]["horizon"]
    window = plain(results.record("evaluate/models.json").number("best", "window"))
    yield (
        f"From the last {window} bars it gives the probabilities that within {horizon} bars the "
        "lower barrier is touched first (down), neither (flat), or the upper (up). It is for "
        "research into what can be forecast, for comparing methods on equal terms, and as one "
        "input of a decision that somebody answers for."
    )


def _limits(results: Results, inputs: Inputs) -> Iterator[str]:
    until = date(results.record("evaluate/models.json").text("best", "until"))
    yield "- Not advice, and no trading system: costs are those that were stated, fills are ideal."
    yield f"- It has learnt from nothing after {until}; markets change, and no score says how fast."
    yield "- It knows the symbols and the interval of its bars; of others nothing was measured."
    yield "- One test split is one period: an interval holds for periods that are like it."
    yield (
        f"- `{REFIT_MODEL}`, where there is one, has learnt from the test split too and has no "
        "score of its own. Its worth is that of the procedure that made it: walk-forward says that."
    )


def _metrics(results: Results, inputs: Inputs) -> Iterator[str]:
    level = results.record("evaluate/metrics.json").number("comparison", "confidence")
    yield f"Log-loss of the best model minus that of each other one, level {plain(level, SHARE)}:"
    yield "\n| other | difference, nats | verdict |\n|---|---|---|"
    for row in results.lines("evaluate/comparison.csv").rows:
        found = plain_interval(row, "difference")
        yield f"| {called(row.text('other'))} | {found} | {row.text('verdict')} |"
    yield "\n| score of the best model | value |\n|---|---|"
    best = results.record("evaluate/metrics.json").part("best")
    for key, one in best.items():
        yield f"| {key.replace('_', ' ')} | {plain(one.number(), '.4f')} |"
    yield "\n| direction and signal | value |\n|---|---|"
    for path in ("evaluate/direction.csv", "evaluate/signal.csv"):
        for row in results.lines(path).rows:
            if row.text("quantity") in _SAID:
                says, form = _SAID[row.text("quantity")]
                yield f"| {says} | {plain_interval(row, 'value', form)} |"


_SAID = {
    "auc": ("AUC of the side, where a barrier is touched", ".3f"),
    "signal": ("return of the signal a decision, basis points", "+.1f"),
    "always_long": ("return of always long, basis points", "+.1f"),
}


def _verdict(results: Results, inputs: Inputs) -> Iterator[str]:
    verdict = results.record("evaluate/metrics.json").text("verdict")
    yield f"{verdict}. {headline(results.lines('evaluate/comparison.csv'))}."


def _ledger(results: Results, inputs: Inputs) -> Iterator[str]:
    metrics = results.record("evaluate/metrics.json")
    models = metrics.number("comparison", "models_seen")
    lost = [
        f"{row.text('verdict')} than {called(row.text('other'))}"
        for row in results.lines("evaluate/comparison.csv").rows
        if is_lost(row)
    ]
    says = f"{', '.join(lost)} would not survive" if lost else "every verdict survives"
    count = f"It has judged {plain(models)} models, this one among them"
    yield f"{count}. If that is allowed for, {says}."


def _training(results: Results, inputs: Inputs) -> Iterator[str]:
    best, study = (
        results.record("evaluate/models.json").part("best"),
        results.record("tune/metrics.json"),
    )
    chosen = results.record("tune/best_params.json")
    size, networks = (plain(best.number(key)) for key in ("parameters", "networks"))
    cell = chosen.text("cell").upper()
    yield f"- {networks} networks ({cell}) of {size} trained weights, probabilities averaged"
    yield f"- chosen in a study of {plain(study.number('trials'))} trials on validation"
    weight = plain(best.number("weight"), ".2f")
    yield f"- weight against the class prior: {weight}, fitted out of fold"
    yield from _chosen(chosen)


def _chosen(chosen: Record) -> Iterator[str]:
    values = ", ".join(f"{key} {_value(one.content)}" for key, one in chosen.items())
    yield f"- hyperparameters: {escape(values)}"


def _value(content: object) -> str:
    return f"{content:.6g}" if isinstance(content, float) else str(content)
