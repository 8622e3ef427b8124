"""How measurements become figures. No time is judged here: a slow machine is no failure."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

Measure = Callable[[], float]


@dataclass(frozen=True)
class Figure:
    """What several rounds gave for the project and, in turn with it, for its reference.

    A figure that is a count or a ratio by itself has no reference.
    """

    name: str
    unit: str
    reference: str
    ours: Sequence[float]
    theirs: Sequence[float]
    is_duration: bool = False

    @property
    def value(self) -> float:
        return median(self.ours)

    @property
    def has_reference(self) -> bool:
        return bool(self.reference)

    @property
    def reference_value(self) -> float:
        return median(self.theirs)

    @property
    def ratio(self) -> float:
        """How the project compares: 1 is as good as the reference, higher is better."""
        if self.is_duration:
            return self.reference_value / self.value
        return self.value / self.reference_value


def alternated(
    name: str,
    unit: str,
    reference: str,
    *,
    ours: Measure,
    theirs: Measure,
    rounds: int,
    is_duration: bool = False,
) -> Figure:
    """Measure both in turn, the first of each round changing, so that drift meets both alike."""
    found: dict[str, list[float]] = {"ours": [], "theirs": []}
    for number in range(rounds):
        turns = [("ours", ours), ("theirs", theirs)]
        for side, measure in turns if number % 2 == 0 else reversed(turns):
            found[side].append(measure())
    return Figure(name, unit, reference, found["ours"], found["theirs"], is_duration)


def as_json(part: str, figures: Sequence[Figure]) -> str:
    """The last line of output, for those who compare runs."""
    return json.dumps({"part": part, "figures": {each.name: _shown(each) for each in figures}})


def _shown(figure: Figure) -> dict[str, Any]:
    alone = {"value": _rounded(figure.value), "unit": figure.unit}
    if not figure.has_reference:
        return alone
    return alone | {"reference": figure.reference, "ratio": _rounded(figure.ratio)}


def as_table(figures: Sequence[Figure]) -> str:
    """The same for people, with the range of the rounds."""
    rows = [("figure", "median", "lowest", "highest", "unit", "reference", "its median", "ratio")]
    rows += [
        (
            each.name,
            f"{_rounded(each.value):g}",
            f"{_rounded(min(each.ours)):g}",
            f"{_rounded(max(each.ours)):g}",
            each.unit,
            each.reference,
            f"{_rounded(each.reference_value):g}" if each.has_reference else "",
            f"{_rounded(each.ratio):g}" if each.has_reference else "",
        )
        for each in figures
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])


def _rounded(number: float) -> float:
    """Three digits that mean something."""
    return float(f"{number:.3g}") if abs(number) < 1000 else float(round(number))
