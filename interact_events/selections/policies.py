"""When an office may still choose, and what the choices come to in words."""

from collections.abc import Mapping
from datetime import datetime

from interact_events.core import words
from interact_events.events.models import Admission, Event
from interact_events.registrations.models import State
from interact_events.registrations.policies import (
    excess_in_words,
    held_for,
    in_mode,
    proposal_in_words,
    why_no_seat,
    why_not,
)
from interact_events.registrations.queries import Names
from interact_events.registrations.rules import (
    AllSeatsTaken,
    Barrier,
    Dimension,
    Excess,
    Hold,
    Proposal,
    SeatsHeld,
)
from interact_events.selections.queries import Past, Wish
from interact_events.selections.rules import Beyond, Outcome, Totals

LABELS: Mapping[State, str] = {
    State.CONFIRMED: "Seat",
    State.WAITLISTED: "Waiting list",
    State.DECLINED: "Decline",
}


def why_over(event: Event, now: datetime) -> str:
    """Why nothing can be decided any more; empty while it can."""
    if event.admission is not Admission.SELECTION:
        return "Seats at this event go to those who register first, so there is no selection."
    if event.is_cancelled:
        return "The event is cancelled, so there is nothing left to decide."
    if now >= event.ends_at:
        return "The event is over, so there is nothing left to decide."
    return ""


def totals_in_words(totals: Totals) -> str:
    """ "23 seats, 12 on the waiting list, 4 declined, 3 undecided"."""
    return (
        f"{words.count(totals.seats, 'seat')}, {totals.waiting:,} on the waiting list, "
        f"{totals.declined:,} declined, {totals.undecided:,} undecided"
    )


def decided_in_words(totals: Totals) -> str:
    """ "1 person gets a seat, 2 go on the waiting list, nobody is declined." """
    seats, waiting, declined = totals.seats, totals.waiting, totals.declined
    people = words.count(seats, "person", "people") if seats else "Nobody"
    return (
        f"{people} {'gets' if seats < 2 else 'get'} a seat, "
        f"{_some(waiting)} {'goes' if waiting < 2 else 'go'} on the waiting list, "
        f"{_some(declined)} {'is' if declined < 2 else 'are'} declined."
    )


def _some(number: int) -> str:
    return f"{number:,}" if number else "nobody"


def past_in_words(past: Past | None) -> str:
    """ "Accepted 3 times at events that ended in the last 12 months, 1 no-show"."""
    if past is None or not past.accepted:
        return "No seat at events that ended in the last 12 months"
    times = {1: "once", 2: "twice"}.get(past.accepted, f"{past.accepted:,} times")
    missed = f", {words.count(past.missed, 'no-show')}" if past.missed else ""
    return f"Accepted {times} at events that ended in the last 12 months{missed}"


def method_in_words(event: Event, proposal: Proposal, wish: Wish | None, names: Names) -> str:
    """Why the method chose, or what it would choose where the choice is another one."""
    why = proposal_in_words(event, proposal, names)
    if wish and wish.state is proposal.state:
        return why
    would = "The method proposes" if wish is None or wish.is_by_hand else "Now it would be"
    return f"{would}: {LABELS[proposal.state].lower()}. {why}"


def limits_in_words(
    event: Event, outcome: Outcome, people: Mapping[int, str], names: Names
) -> list[str]:
    """Every limit that the chosen seats would break, a sentence for each; `people` by number."""
    return [
        *(words.capitalised(excess_in_words(event, each, names)) for each in outcome.excesses),
        *_held_in_words(event, outcome, names),
        *(
            f"{people.get(each.number, '')}: {why_not(event, barriers, names)}"
            for each in outcome.beyond
            if (barriers := _barriers(each))
        ),
    ]


def _held_in_words(event: Event, outcome: Outcome, names: Names) -> list[str]:
    """One sentence for all whose seats are kept for others."""
    held = [r for each in outcome.beyond for r in each.reasons if isinstance(r, SeatsHeld)]
    if not held:
        return []
    why = why_no_seat(event, [held[-1]], names=names)
    return [f"{words.count(len(held), 'seat')} more than are free for these people. {why}"]


def reached_in_words(event: Event, outcome: Outcome, names: Names) -> list[str]:
    """Every limit and hold that the chosen seats would just fill, a sentence for each."""
    return [
        *(words.capitalised(_reached(event, each, names)) for each in outcome.reached),
        *(_filled(event, hold, names) for hold in outcome.filled),
    ]


def _reached(event: Event, reached: Excess, names: Names) -> str:
    """ "Central Baltic has 2 seats, which is its limit." """
    dimension, key = reached.counted
    if dimension is Dimension.MODE:
        return why_no_seat(event, [AllSeatsTaken(reached.most, key == "online")], names=names)
    has = words.count(reached.most, "seat")
    return f"{names.of(dimension, key)} has {has}, which is its limit."


def _filled(event: Event, hold: Hold, names: Names) -> str:
    """ "The 2 seats held for controllers until 1 February 2027, 00:00 EET are given." """
    seats, are = words.count(hold.seats, "seat"), "is" if hold.seats == 1 else "are"
    held = f"held{in_mode(event, hold.is_online)} for {held_for(event, [hold], names)}"
    return f"The {seats} {held} {are} given."


def _barriers(beyond: Beyond) -> list[Barrier]:
    return [reason for reason in beyond.reasons if isinstance(reason, Barrier)]
