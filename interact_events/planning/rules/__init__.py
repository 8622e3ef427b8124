"""Decisions over plain data: the board's weeks, what a move changes, whose work an event is."""

from interact_events.planning.rules.board import (
    Month,
    Range,
    Slot,
    Stand,
    Zoom,
    placed,
    range_of,
    stands_in,
    week_of,
)
from interact_events.planning.rules.moving import (
    Collision,
    Registration,
    collisions,
    shifted,
)
from interact_events.planning.rules.workload import Colleague, Share, Task, shares

__all__ = [
    "Colleague",
    "Collision",
    "Month",
    "Range",
    "Registration",
    "Share",
    "Slot",
    "Stand",
    "Task",
    "Zoom",
    "collisions",
    "placed",
    "range_of",
    "shares",
    "shifted",
    "stands_in",
    "week_of",
]
