"""Limits and held seats that contradict each other."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from interact_events.registrations.rules.seats import Cap, Dimension, Hold


def encloses(wider: Cap, cap: Cap) -> bool:
    """Whether each group of `cap` is part of a group of the other limit."""
    if cap.per is not Dimension.ROLE_IN_COUNTRY:
        return False
    is_of_each_role = wider.per is Dimension.ROLE_IN_COUNTRY and wider.role is None
    return wider.per is Dimension.COUNTRY or (is_of_each_role and cap.role is not None)


def unreachable(cap: Cap, wider: Cap) -> tuple[int, int] | None:
    """The first figure of `cap`, counted from 1, that `wider` lets nobody reach while it counts,
    and the most that `wider` allows meanwhile."""
    ends = [step.since for step in cap.steps[1:]]
    for number, (step, end) in enumerate(zip(cap.steps, [*ends, None], strict=True), start=1):
        figures = _figures(wider, step.since, end)
        most = max((each for each in figures if each is not None), default=0)
        if step.most is not None and None not in figures and step.most > most:
            return number, most
    return None


def _figures(cap: Cap, begin: datetime | None, end: datetime | None) -> list[int | None]:
    """Those that count at some time from `begin` until `end`; None: from ever, for ever."""
    first = cap.most(begin) if begin else cap.steps[0].most
    later = [
        step.most
        for step in cap.steps
        if step.since
        and (begin is None or begin < step.since)
        and (end is None or step.since < end)
    ]
    return [first, *later]


def is_idle(hold: Hold, caps: Iterable[Cap]) -> bool:
    """Whether limits, which only rise, keep every seat from all its roles until it is over."""
    last = hold.until - timedelta.resolution
    closed = [cap.role for cap in caps if cap.most(last) == 0]
    return None in closed or hold.roles <= {role for role in closed if role}
