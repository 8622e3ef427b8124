"""Warnings and proposals in words, and who may dismiss."""

from collections.abc import Sequence
from datetime import date, timedelta

from interact_events.accounts.models import User
from interact_events.core import words
from interact_events.events.models import Event
from interact_events.events.policies import can_lead_event
from interact_events.scheduling.rules import DateWarning, Found, Kind, Obstacle, Plan, Proposal

NAMED = 6  # how many countries a sentence names


def can_dismiss_warnings(user: User, event: Event) -> bool:
    """Say that an event stays where it is: for the leads of its office."""
    return can_lead_event(user, event)


HEADINGS = {
    Kind.WEEKEND: "Weekend",
    Kind.HOLIDAY_THERE: "Public holiday on site",
    Kind.CLOSED: "Closed",
    Kind.BRIDGE_THERE: "Bridge day on site",
    Kind.HOLIDAY: "Public holiday elsewhere",
    Kind.BRIDGE: "Bridge day elsewhere",
    Kind.UNKNOWN: "Holidays unknown",
    Kind.ROOM: "Room taken",
    Kind.SPEAKER: "Speaker taken",
    Kind.STAFF: "Contact taken",
    Kind.BOOKED: "People booked twice",
    Kind.NEAR: "Similar event near",
    Kind.TOO_EARLY: "Too early",
    Kind.TOO_LATE: "Too late",
    Kind.LEAD_TIME: "Little time to prepare",
}


def heading_of(warning: DateWarning) -> str:
    """ "Public holiday on site", in two or three words."""
    return HEADINGS[warning.kind]


def said(warning: DateWarning) -> str:
    """What it is, whom it hits and how many, as a sentence or two."""
    sentence = {
        Kind.WEEKEND: _weekend,
        Kind.HOLIDAY_THERE: _there,
        Kind.BRIDGE_THERE: _bridge_there,
        Kind.CLOSED: _closed,
        Kind.HOLIDAY: _elsewhere,
        Kind.BRIDGE: _bridge_elsewhere,
        Kind.UNKNOWN: _unknown,
        Kind.ROOM: lambda w: f"{words.listed(w.what)} is taken by {_other(w)}.",
        Kind.SPEAKER: lambda w: f"{words.listed(w.what)} {_also(w)} at {_other(w)}.",
        Kind.STAFF: lambda w: f"{words.listed(w.what)} is the contact of {_other(w)} as well.",
        Kind.BOOKED: _booked,
        Kind.NEAR: _near,
        Kind.TOO_EARLY: lambda w: f"It begins at {_clock(w)} in {_countries(w)}.",
        Kind.TOO_LATE: lambda w: f"It ends at {_clock(w)} in {_countries(w)}.",
        Kind.LEAD_TIME: _lead_time,
    }[warning.kind](warning)
    return sentence + _people(warning)


def _people(warning: DateWarning) -> str:
    if not warning.people or warning.kind in (Kind.BOOKED, Kind.CLOSED):
        return ""
    one = warning.people == 1
    group = "registered person" if one else "registered people"
    return f" That concerns {warning.people:,} {group}."


def _weekend(w: DateWarning) -> str:
    if w.amount == 1:
        return f"{_weekday(w.day)} falls on the weekend."
    return f"{w.amount} days fall on weekends, the first on {_weekday(w.day)}."


def _there(w: DateWarning) -> str:
    return f"{_weekday(w.day)} is a day off in {_place(w)}: {w.what[0]}."


def _bridge_there(w: DateWarning) -> str:
    until = f"many are away between {w.what[0]} and the weekend"
    return f"{_weekday(w.day)} is a bridge day in {_place(w)}: {until}."


def _place(w: DateWarning) -> str:
    return f"{w.whom[0]}, where {'its office is' if w.is_at_office else 'it takes place'}"


def _closed(w: DateWarning) -> str:
    people = f" {words.count(w.people, 'registered person', 'registered people')} with it."
    is_programme = w.whom[0] not in ("everyone", "the office")
    closed = {"everyone": "Everyone is away", "the office": "The office is closed"}.get(w.whom[0])
    sentence = f"{closed or w.whom[0] + ' is closed'} on {words.written(w.day)}: {w.what[0]}."
    return sentence + (people if is_programme and w.people else "")


def _elsewhere(w: DateWarning) -> str:
    return f"{_weekday(w.day)} is a day off in {_share(w)}: {_countries(w)} ({_holidays(w)})."


def _bridge_elsewhere(w: DateWarning) -> str:
    return (
        f"{_weekday(w.day)} is a bridge day in {_share(w)}: {_countries(w)} "
        f"(beside {_holidays(w)})."
    )


def _holidays(w: DateWarning) -> str:
    """Their names hold commas."""
    return "; ".join(w.what)


def _unknown(w: DateWarning) -> str:
    return f"The public holidays of {_countries(w)} are not known here. Ask somebody there."


def _booked(w: DateWarning) -> str:
    who = words.count(w.people, "registered person has", "registered people have")
    return f"{who} a seat at {_other(w)} at the same time."


def _near(w: DateWarning) -> str:
    when = f"{words.count(w.amount, 'day')} away" if w.amount else "at the same time"
    for_whom = f"for {words.listed([words.within_sentence(x) for x in w.whom])}" if w.whom else ""
    about = f"about {words.listed([words.within_sentence(x) for x in w.what])}" if w.what else ""
    both = ", ".join(part for part in (for_whom, about) if part)
    return f"{words.capitalised(_other(w))} is {when}, also {both}."


def _lead_time(w: DateWarning) -> str:
    weeks = w.least // 7
    left = words.count(w.amount, "day") if w.amount < 14 else words.count(w.amount // 7, "week")
    return (
        f"People have {left} between publication and start; "
        f"{words.count(weeks, 'week')} {'is' if weeks == 1 else 'are'} the least that the network "
        "wants."
    )


def _also(w: DateWarning) -> str:
    return "speaks" if len(w.what) == 1 else "speak"


def _other(w: DateWarning) -> str:
    """Which event it is, whose and when."""
    other = w.other
    if other is None:
        return "another event"
    draft = "draft " if other.is_draft else ""
    return f"{other.office_city}’s {draft}“{other.title}” ({_days(other)})"


def _days(plan: Plan) -> str:
    return words.day_span(plan.starts_at, max(plan.starts_at, plan.ends_at - SECOND), plan.zone)


SECOND = timedelta(seconds=1)


def _clock(w: DateWarning) -> str:
    return f"{w.amount // 60:02}:{w.amount % 60:02}"


def _share(w: DateWarning) -> str:
    if w.of_all == 1:
        return "the only target country"
    return f"{len(w.whom)} of {w.of_all} target countries"


def _countries(w: DateWarning) -> str:
    return words.listed(_few(w.whom))


def _few(names: Sequence[str]) -> list[str]:
    if len(names) <= NAMED:
        return list(names)
    return [*names[: NAMED - 1], f"{len(names) - NAMED + 1} more"]


def _weekday(day: date) -> str:
    return f"{day:%A} {words.written(day)}"


# -- the date finder -----------------------------------------------------------------------------


def proposed_days(proposal: Proposal) -> str:
    """ "12–13 May 2027"."""
    if proposal.first == proposal.last:
        return words.written(proposal.first)
    return words.days_named(proposal.first, proposal.last)


def proposed_weekdays(proposal: Proposal) -> str:
    """ "Wednesday to Thursday"."""
    ends = {f"{day:%A}": None for day in (proposal.first, proposal.last)}
    return " to ".join(ends)


def why(proposal: Proposal, near_days: int, has_target: bool) -> list[str]:
    """What speaks for the date, and what against it."""
    reasons = [*_free(proposal), *_beside(proposal, near_days, has_target)]
    prepare = words.count(proposal.weeks, "week") + " to prepare"
    return [*reasons, prepare]


def _free(proposal: Proposal) -> list[str]:
    if not proposal.of_all:
        return []
    sentences = []
    sentence = f"free of holidays in {proposal.free} of {proposal.of_all} countries"
    if proposal.free == proposal.of_all:
        all_of_them = f"all {proposal.of_all} countries"
        of_one = "the one country that it is for"
        sentence = f"free of holidays in {of_one if proposal.of_all == 1 else all_of_them}"
    if proposal.not_free:
        names = [f"{country} ({holiday})" for country, holiday in proposal.not_free]
        sentence += f": not in {words.listed(_few(names))}"
    sentences.append(sentence)
    if proposal.bridges:
        sentences.append(f"bridge day in {words.listed(_few(proposal.bridges))}")
    if proposal.unknown:
        sentences.append(f"holidays not known for {words.listed(_few(proposal.unknown))}")
    return sentences


def _beside(proposal: Proposal, near_days: int, has_target: bool) -> list[str]:
    within = f"within {words.count(near_days, 'day')}"
    sentences = []
    if has_target and not proposal.near:
        sentences.append(f"no other office’s event for the same people or topic {within}")
    if proposal.near:
        names = [f"{each.office_city}’s “{each.title}” ({_days(each)})" for each in proposal.near]
        sentences.append(f"{within}: {words.listed(_few(names))}")
    if proposal.own:
        names = [f"“{each.title}”" for each in proposal.own]
        sentences.append(f"the office has {words.listed(_few(names))} then")
    else:
        sentences.append("no other event of the office then")
    return sentences


REFUSED = {
    Obstacle.WINDOW: "too near to the end of the window",
    Obstacle.LEAD_TIME: "with too little time to prepare",
    Obstacle.WEEKDAY: "on other days of the week",
    Obstacle.HOLIDAY: "with a holiday where it takes place",
    Obstacle.CLOSED: "in a closure",
}


def passed_over(found: Found) -> list[str]:
    """Why there are no more dates: "12 days with a holiday where it takes place"."""
    return [
        f"{words.count(found.passed_over[each], 'day')} {REFUSED[each]}"
        for each in Obstacle
        if found.passed_over.get(each)
    ]
