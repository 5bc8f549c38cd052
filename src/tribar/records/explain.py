"""A trial in words: how it ended, how it stands among the others, and who stopped it."""

import math
from collections.abc import Iterator, Sequence

from tribar.block import Choice
from tribar.study.ranking import best_of, ranked
from tribar.trials import Direction, PruneCheck, TrialRow

_BARS = "▁▂▃▄▅▆▇█"
_UNDEFINED = "·"
_WIDEST = 60
_HEADER = ("step", "value", "threshold", "trials", "rule", "decision")


def explain(
    row: TrialRow, rows: Sequence[TrialRow], direction: Direction, winner: int | None = None
) -> str:
    """Return all that a study knows of a trial, as lines of plain text.

    Args:
        row: the trial.
        rows: the study's trials, `row` among them.
        direction: of the objective.
        winner: number of the trial that won on fresh seeds, if it is known.
    """
    best = best_of(rows, direction)
    return "\n".join(
        [
            _standing(row, rows, direction),
            *([] if winner is None else [_winner(winner, best)]),
            *_parameters(row, best),
            *_curve(row.curve, direction),
            *_checks(row.checks),
            *([f"reason: {row.reason}"] if row.reason else []),
        ]
    )


def rank_of(row: TrialRow, rows: Sequence[TrialRow], direction: Direction) -> int | None:
    """Return a completed trial's place, 1 for the best, among equals by number; else None."""
    numbers = [one.number for one in ranked(rows, [direction])]
    return numbers.index(row.number) + 1 if row.number in numbers else None


def spark_line(values: Sequence[float]) -> str:
    """Return one bar a value, from the lowest to the highest; at most 60, evenly spaced.

    >>> spark_line([3.0, 2.0, 1.0, 1.5])
    '█▅▁▃'
    """
    shown = [values[at] for at in _spaced(len(values))]
    finite = [value for value in shown if math.isfinite(value)]
    if not finite:
        return _UNDEFINED * len(shown)
    low, span = min(finite), max(finite) - min(finite)
    return "".join(_bar((value - low) / span if span else 0.0) for value in shown)


def _standing(row: TrialRow, rows: Sequence[TrialRow], direction: Direction) -> str:
    value = "no value" if row.value is None else f"value {_short(row.value)}"
    completed = sum(one.state == "COMPLETE" for one in rows)
    rank = rank_of(row, rows, direction)
    place = f"rank {rank} of {completed} completed" if rank else f"no rank ({completed} completed)"
    return f"trial {row.number}: {row.state}, {value}, {place}"


def _winner(winner: int, best: TrialRow | None) -> str:
    if best and best.number == winner:
        return f"trial {winner} is the best of the study, and won on fresh seeds"
    of_study = f"; the best of the study is trial {best.number}" if best else ""
    return f"trial {winner} won on fresh seeds{of_study}"


def _parameters(row: TrialRow, best: TrialRow | None) -> Iterator[str]:
    """Yield the trial's parameters, those marked that the best trial has otherwise."""
    if best is None or best.number == row.number:
        yield "parameters"
        best = row
    else:
        yield f"parameters (* differs from trial {best.number}, the best)"
    lines = []
    for name, value in sorted(row.params.items()):
        theirs = best.params.get(name, "not there")
        mark, beside = ("", "") if theirs == value else ("*", f"best: {_short(theirs)}")
        lines.append((f"{mark:1} {name}", _short(value), beside))
    yield from _aligned(lines)


def _curve(curve: Sequence[float], direction: Direction) -> Iterator[str]:
    if not curve:
        yield "curve: it ended before its first step"
        return
    best = direction.best(curve)
    yield f"curve {spark_line(curve)}"
    yield (
        f"  first {_short(curve[0])}, best {_short(best)} at step {curve.index(best)}, "
        f"last {_short(curve[-1])} at step {len(curve) - 1}"
    )


def _checks(checks: Sequence[PruneCheck]) -> Iterator[str]:
    if not checks:
        yield "pruning checks: none"
        return
    yield "pruning checks"
    lines = [
        (
            str(check.step),
            _short(check.value),
            "-" if check.threshold is None else _short(check.threshold),
            str(check.compared),
            check.rule,
            "stop" if check.pruned else "go on",
        )
        for check in checks
    ]
    yield from (f"  {line}" for line in _aligned([_HEADER, *lines]))


def _spaced(count: int) -> list[int]:
    """Return positions from first to last, no more than fit."""
    if count <= _WIDEST:
        return list(range(count))
    return [round(at * (count - 1) / (_WIDEST - 1)) for at in range(_WIDEST)]


def _bar(height: float) -> str:
    return _BARS[round(height * (len(_BARS) - 1))] if math.isfinite(height) else _UNDEFINED


def _aligned(lines: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        yield "  ".join(map(str.ljust, line, widths)).rstrip()


def _short(value: Choice) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)
