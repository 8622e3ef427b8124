"""What an event's rules are, in sentences for everybody and for staff."""

from datetime import date, datetime

from interact_events.core import words
from interact_events.core.clock import to_local
from interact_events.events.models import Admission, Event, Mode
from interact_events.registrations.models import Promotion, SeatRules, State
from interact_events.registrations.policies.reasons import (
    group_of,
    in_mode,
    modes_of,
    programmes_named,
    why_no_seat,
    why_not,
    with_seat_at,
)
from interact_events.registrations.queries import Names, has_told_of_selection, names_for
from interact_events.registrations.rules import Cap, Dimension, EventRules, Excess, Hold, Proposal


def rules_in_words(
    event: Event, settings: SeatRules, rules: EventRules, now: datetime
) -> list[str]:
    """What anybody reads of an event's rules, a sentence for each."""
    return _in_words(event, settings, rules, decision_by(event, settings, now))


def _in_words(event: Event, settings: SeatRules, rules: EventRules, decides_by: str) -> list[str]:
    names = names_for(event, rules)
    return [
        *_audience_in_words(rules, names),
        _seats_in_words(event, rules),
        _admission_in_words(event, decides_by),
        *(cap_in_words(event, cap, names) for cap in rules.caps),
        *(_hold_in_words(event, hold, names) for hold in rules.holds),
        *_promotion_in_words(event, settings),
        *_reconfirmation_in_words(event, settings),
    ]


def rules_for_staff(event: Event, settings: SeatRules, rules: EventRules) -> list[str]:
    """The rules as staff set them: with what other parts of the public page say, or none."""
    return [
        *_in_words(event, settings, rules, _written(settings.decision_on)),
        _registration_in_words(event),
        *_sessions_in_words(event),
        *_vacancies_in_words(event, settings),
    ]


def _registration_in_words(event: Event) -> str:
    opens = "as soon as the event is published"
    if event.registration_opens_at:
        opens = f"on {words.moment(event.registration_opens_at, event.zone)}"
    closes = "when the event starts"
    if event.registration_closes_at:
        closes = f"on {words.moment(event.registration_closes_at, event.zone)}"
    return f"Registration opens {opens} and closes {closes}."


def _sessions_in_words(event: Event) -> list[str]:
    own = [f"“{s.title}” ({words.count(s.capacity or 0, 'seat')})" for s in event.chosen_sessions]
    return [f"Whoever registers chooses among sessions: {words.listed(own)}."] if own else []


def _vacancies_in_words(event: Event, settings: SeatRules) -> list[str]:
    """What the public page leaves out, because it is not so before a selection is decided."""
    if event.admission is not Admission.SELECTION:
        return []
    if settings.promotion is Promotion.OFFICE:
        return [THE_OFFICE_CHOOSES]
    return [
        (
            f"Once a selection is decided on the board, {_seats_go(settings)}. Until then the "
            "office chooses who gets one."
        )
    ]


def audience(event: Event, rules: EventRules) -> str:
    """ "controllers; among them only those from Finland"; empty when it is for all."""
    return _audience(rules, names_for(event, rules))


def _audience(rules: EventRules, names: Names) -> str:
    """Each part narrows down those before it: all of them have to hold."""
    strands = f"programmes of {names.listed('strands', rules.strands, 'or')}"
    programmes = f"the {programmes_named(names, rules.programmes)}"
    countries = f"from {names.listed('countries', rules.countries, 'or')}"
    parts = [
        (rules.roles, names.listed("roles", rules.roles), ""),
        (rules.strands, strands, f"of {strands}"),
        (rules.programmes, programmes, f"of {programmes}"),
        (rules.countries, f"people {countries}", countries),
    ]
    first, *more = [(alone, narrows) for is_asked, alone, narrows in parts if is_asked] or [
        ("", "")
    ]
    return first[0] + "".join(f"; among them only those {narrows}" for _, narrows in more)


def _audience_in_words(rules: EventRules, names: Names) -> list[str]:
    for_ = _audience(rules, names)
    sentences = [f"Open to {for_}." if for_ else "Open to everybody."]
    if rules.by_invitation:
        sentences = [f"By invitation only{f', to {for_}' if for_ else ''}."]
    if rules.after is not None:
        sentences.append(f"Only for {with_seat_at(names, rules.after)}.")
    return sentences


def _seats_in_words(event: Event, rules: EventRules) -> str:
    if event.mode is not Mode.HYBRID:
        return f"{words.count(event.capacity, 'seat')}."
    return f"{words.count(rules.on_site, 'seat')} on site, {rules.online:,} online."


def _admission_in_words(event: Event, decides_by: str) -> str:
    if event.admission is Admission.FIRST_COME:
        return "Seats go to those who register first."
    deadline = words.moment(event.closes_at, event.zone)
    sentence = f"The office chooses among all who apply by {deadline}"
    if decides_by:
        sentence += f" and decides by {decides_by}"
    return f"{sentence}."


def _written(day: date | None) -> str:
    return words.written(day) if day else ""


def decision_by(event: Event, settings: SeatRules, now: datetime) -> str:
    """The day by which the office decides; empty where it promises none, or that day is over."""
    day = settings.decision_on
    return _written(day if day and to_local(now, event.zone).date() <= day else None)


def decision_in_words(event: Event, settings: SeatRules, now: datetime) -> str:
    """What who has applied reads of when they hear; the same while a decision is not told yet."""
    office, day = event.office.name, _written(settings.decision_on)
    if not day:
        return f"{office} chooses and then writes to you."
    if decision_by(event, settings, now):
        return f"{office} decides by {day} and then writes to you."
    return (
        f"A decision was promised by {day}, but has not come yet. "
        f"{office} writes to you once it has."
    )


def cap_in_words(event: Event, cap: Cap, names: Names) -> str:
    """ "Until 31 January 2027 at most 2 per programme, then 3." """
    first, *later = cap.steps
    group = group_of(cap)
    if cap.role:
        sentence = f"{words.capitalised(names.listed('roles', {cap.role}))}: "
    elif cap.per is Dimension.ROLE_IN_COUNTRY:
        sentence = "Each role: "
    else:
        sentence = ""
    until = words.moment(later[0].since, event.zone) if later and later[0].since else ""
    begin = f"until {until} " if until else ""
    sentence += f"{begin}at most {_figure(first.most)} per {group}"
    for at, step in enumerate(later):
        since = f" from {words.moment(step.since, event.zone)}" if at and step.since else ""
        sentence += f", then {_figure(step.most)}{since}"
    return f"{words.capitalised(sentence)}."


def _figure(most: int | None) -> str:
    return "any number" if most is None else f"{most:,}"


def _hold_in_words(event: Event, hold: Hold, names: Names) -> str:
    are = "is" if hold.seats == 1 else "are"
    return (
        f"{words.count(hold.seats, 'seat')}{in_mode(event, hold.is_online)} {are} held for "
        f"{names.listed('roles', hold.roles)} until {words.moment(hold.until, event.zone)}."
    )


def _promotion_in_words(event: Event, settings: SeatRules) -> list[str]:
    if event.admission is Admission.SELECTION:
        return []
    return [_vacancy(settings, chooses=settings.promotion is Promotion.OFFICE)]


def vacancy(event: Event, settings: SeatRules, now: datetime, *, is_told: bool = False) -> str:
    """What becomes of a free seat, for those who wait; after a selection that people know of, or
    that they are told of by the mail which says this, it finds its way without the office."""
    by_selection = event.admission is Admission.SELECTION and not is_told
    is_secret = settings.is_selection_secret(now)
    is_open = settings.selected_at is None or (is_secret and not has_told_of_selection(event, now))
    chooses = settings.promotion is Promotion.OFFICE or (by_selection and is_open)
    return _vacancy(settings, chooses=chooses)


THE_OFFICE_CHOOSES = "The office chooses who gets a seat that becomes free."


def _vacancy(settings: SeatRules, *, chooses: bool) -> str:
    return THE_OFFICE_CHOOSES if chooses else f"{words.capitalised(_seats_go(settings))}."


def _seats_go(settings: SeatRules) -> str:
    if settings.promotion is Promotion.OFFER:
        hours = words.count(settings.offer_hours, "hour")
        return (
            "a seat that becomes free is offered to the next in line whom the rules allow, who "
            f"has {hours} to accept"
        )
    return "a seat that becomes free goes to the next in line whom the rules allow"


def _reconfirmation_in_words(event: Event, settings: SeatRules) -> list[str]:
    sentences = []
    for is_online in modes_of(event):
        asks = settings.reconfirmation_for(online=is_online)
        if asks:
            who = {" online": "those who come online", " on site": "those who come on site"}.get(
                in_mode(event, is_online), "those who have a seat"
            )
            sentences.append(
                f"{words.count(asks.ask_days, 'day')} before the start {who} are asked to "
                f"reconfirm and {words.count(asks.warn_days, 'day')} before it they are reminded; "
                f"{words.count(asks.release_days, 'day')} before it, seats that are not "
                "reconfirmed go to others."
            )
    return sentences


def excess_in_words(event: Event, excess: Excess, names: Names) -> str:
    """ "Central Baltic has 3 seats, 1 more than the limit of 2." """
    dimension, key = excess.counted
    more = excess.taken - excess.most
    if dimension is Dimension.MODE:
        where = in_mode(event, key == "online")
        taken = words.count(excess.taken, "seat")
        return f"{taken}{where} given, {more:,} more than there are."
    return (
        f"{names.of(dimension, key)} has {words.count(excess.taken, 'seat')}, {more:,} more than "
        f"the limit of {excess.most:,}."
    )


def proposal_in_words(event: Event, proposal: Proposal, names: Names) -> str:
    """Why the method proposes what it does, in a line."""
    if proposal.state is State.DECLINED:
        return words.capitalised(why_not(event, proposal.reasons, names, for_staff=True))
    group = "institution" if proposal.by_institution else "programme"
    had = (
        f"When their turn came, their {group} had {_few(proposal.of_programme)}, "
        f"their country {_few(proposal.of_country)}, their role {_few(proposal.of_role)}."
    )
    if proposal.state is State.CONFIRMED:
        return had
    return f"{had} {why_no_seat(event, proposal.reasons, whose='Their', names=names)}"


def _few(number: int) -> str:
    return words.count(number, "seat") if number else "none"
