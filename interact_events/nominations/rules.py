"""Whether a seat may go from one person to another: a decision over plain data."""

from datetime import datetime

from interact_events.registrations.rules import (
    Applicant,
    CapReached,
    EventRules,
    Reason,
    SeatsTaken,
    barred,
    shortages,
)


def against_moving(
    rules: EventRules, taken: SeatsTaken, old: Applicant, new: Applicant, now: datetime
) -> tuple[Reason, ...]:
    """Every reason that keeps the seat of `old` from `new`.

    How many seats there are is none, for the seat moves; nor is the limit of a group that both
    are of, for the seat stays in it.
    """
    left = SeatsTaken(taken)
    left.take_back(old)
    limits = [
        reason
        for reason in shortages(rules, left, new, now)
        if isinstance(reason, CapReached) and old.key(reason.cap.per) != new.key(reason.cap.per)
    ]
    return (*barred(rules, new), *limits)
