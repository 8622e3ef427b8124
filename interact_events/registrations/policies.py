"""Who may register as what and cancel when, what the rules are, and every reason in words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from interact_events.accounts.models import Profile
from interact_events.core import words
from interact_events.events.models import Admission, Event, Mode
from interact_events.events.rules import Phase, registration_phase
from interact_events.registrations.models import Promotion, Registration, SeatRules, State
from interact_events.registrations.queries import (
    WHOLE_LINE,
    Names,
    applicant_of,
    names_for,
    rules_of,
    seats_taken,
)
from interact_events.registrations.rules import (
    AllSeatsTaken,
    Cap,
    CapReached,
    CountryNotInvited,
    Decision,
    Dimension,
    EventRules,
    Excess,
    Hold,
    NotInvited,
    OthersWait,
    ProgrammeNotInvited,
    Proposal,
    Reason,
    RoleNotInvited,
    SeatsHeld,
    SeatsTaken,
    StrandNotInvited,
    decide,
)

# -- what somebody would get ---------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What somebody would get as one of their profiles, in words."""

    profile: Profile
    is_yes: bool
    sentence: str
    decision: Decision


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An event's rules and the seats given, as far as they concern the viewer."""

    event: Event
    rules: EventRules
    taken: SeatsTaken
    now: datetime
    is_invited: bool = False

    @cached_property
    def names(self) -> Names:
        """Read only where something has to be explained."""
        return names_for(self.event, self.rules)


def standing_for(
    event: Event,
    settings: SeatRules,
    profiles: Sequence[Profile],
    *,
    now: datetime,
    is_invited: bool = False,
) -> Standing:
    """What is needed to answer somebody with these profiles."""
    rules = rules_of(event, settings)
    applicants = [applicant_of(p, is_online=o) for p in profiles for o in modes_of(event)]
    return Standing(
        event=event,
        rules=rules,
        taken=seats_taken(event, *applicants) if applicants else SeatsTaken(),
        now=now,
        is_invited=is_invited,
    )


def answers_for(profiles: Iterable[Profile], standing: Standing) -> list[Answer]:
    """The answer for each profile, those that may register first."""
    answers = [answer_for(profile, standing) for profile in profiles]
    return sorted(answers, key=lambda answer: not answer.is_yes)


def answer_for(profile: Profile, standing: Standing) -> Answer:
    """ "You can register as controller of Central Baltic." or why not."""
    event = standing.event
    decision = _best_decision(profile, standing)
    programme = profile.programme.name if profile.programme else None
    as_ = _as(profile.role.label_in(event.period_id), programme)
    if decision.is_refused:
        why = why_not(event, decision.reasons, standing.names)
        return Answer(profile, False, f"As {as_} you can’t: {why}", decision)
    if decision.state is State.WAITLISTED:
        why = why_no_seat(event, decision.reasons, names=standing.names)
        sentence = f"As {as_} you can join the waiting list. {why}"
        return Answer(profile, True, sentence, decision)
    verb = "apply" if decision.state is State.PENDING else "register"
    return Answer(profile, True, f"You can {verb} as {as_}.", decision)


def _best_decision(profile: Profile, standing: Standing) -> Decision:
    """On site if there is a seat for them, else online if there is."""
    decisions = [
        decide(
            standing.rules,
            standing.taken,
            applicant_of(profile, is_online=is_online, is_invited=standing.is_invited),
            standing.now,
            waiting=standing.event.waiting,
        )
        for is_online in modes_of(standing.event)
    ]
    return min(decisions, key=lambda decision: decision.state is State.WAITLISTED)


def modes_of(event: Event) -> tuple[bool, ...]:
    """In which modes people may take part: online?"""
    return (False, True) if event.mode is Mode.HYBRID else (event.mode is Mode.ONLINE,)


def _as(role_label: str, programme: str | None) -> str:
    """ "controller of Central Baltic"."""
    role = words.within_sentence(role_label)
    return f"{role} of {programme}" if programme else role


# -- reasons in words ----------------------------------------------------------------------------


def why_not(event: Event, reasons: Iterable[Reason], names: Names | None = None) -> str:
    """Every obstacle of a refused one, and whom to ask."""
    names = names or names_for(event)
    ask = f"Ask {event.office.name}."
    reasons = list(reasons)
    groups = [text for reason in reasons if (text := _invited_group(reason, names))]
    sentences = [f"this event is for {' and '.join(groups)}"] if groups else []
    if any(isinstance(reason, NotInvited) for reason in reasons):
        sentences.append("this event is by invitation only")
    return f"{'; '.join(sentences)}. {ask}"


def _invited_group(reason: Reason, names: Names) -> str:
    if isinstance(reason, RoleNotInvited):
        return names.listed("roles", reason.roles)
    if isinstance(reason, StrandNotInvited):
        return f"programmes of {names.listed('strands', reason.strands, 'or')}"
    if isinstance(reason, ProgrammeNotInvited):
        return f"the {_programmes(names, reason.programmes)}"
    if isinstance(reason, CountryNotInvited):
        return f"people from {names.listed('countries', reason.countries, 'or')}"
    return ""


def _programmes(names: Names, programmes: frozenset[int]) -> str:
    word = "programme" if len(programmes) == 1 else "programmes"
    return f"{word} {names.listed('programmes', programmes)}"


def why_no_seat(
    event: Event, reasons: Iterable[Reason], *, whose: str = "Your", names: Names | None = None
) -> str:
    """Every reason why there is no seat now: "Your programme has its 2 seats." """
    names = names or names_for(event)
    reasons = list(reasons)
    sentences = [_shortage(event, reason, whose, names) for reason in reasons]
    if any(_invited_group(r, names) or isinstance(r, NotInvited) for r in reasons):
        sentences.append(words.capitalised(why_not(event, reasons, names)))
    return " ".join(sentence for sentence in sentences if sentence)


def _shortage(event: Event, reason: Reason, whose: str, names: Names) -> str:
    if isinstance(reason, AllSeatsTaken):
        where = _in_mode(event, reason.is_online)
        if not reason.capacity:
            return f"There are no seats{where}."
        one = reason.capacity == 1
        seats = "The only seat" if one else f"All {words.count(reason.capacity, 'seat')}"
        return f"{seats}{where} {'is' if one else 'are'} taken."
    if isinstance(reason, SeatsHeld):
        return f"What is left is held for {_held_for(event, reason.holds, names)}."
    if isinstance(reason, CapReached):
        return f"{_cap_reached(event, reason, whose)}."
    if isinstance(reason, OthersWait):
        return "Others wait already, and the office chooses who gets a seat that is free."
    return ""


def _in_mode(event: Event, is_online: bool) -> str:
    if event.mode is not Mode.HYBRID:
        return ""
    return " online" if is_online else " on site"


def _held_for(event: Event, holds: Iterable[Hold], names: Names) -> str:
    return words.listed(
        [
            f"{names.listed('roles', hold.roles)} until {words.moment(hold.until, event.zone)}"
            for hold in holds
        ]
    )


GROUPS = {
    Dimension.PROGRAMME: "programme",
    Dimension.COUNTRY: "country",
    Dimension.INSTITUTION: "institution",
    Dimension.ROLE_IN_COUNTRY: "role in your country",
}


def _cap_reached(event: Event, reached: CapReached, whose: str) -> str:
    """ "Your programme has its 2 seats (3 from 31 January 2027, 00:00 EET)"."""
    group = GROUPS[reached.cap.per].replace("your", whose.lower())
    if reached.most:
        sentence = f"{whose} {group} has its {words.count(reached.most, 'seat')}"
    else:
        sentence = f"{whose} {group} can have no seat"
    then = reached.then
    if then and then.since:
        more = "no limit" if then.most is None else f"{then.most:,}"
        sentence += f" ({more} from {words.moment(then.since, event.zone)})"
    return sentence


def in_line(
    event: Event,
    place: int,
    of_programme: int | None,
    reasons: Sequence[Reason],
    *,
    whose: str = "Your",
) -> str:
    """ "3rd in line; 2nd of your programme, which has its 2 seats." """
    ahead = "far down in line" if place >= WHOLE_LINE else f"{words.ordinal(place)} in line"
    if of_programme is None:
        rest = why_no_seat(event, reasons, whose=whose)
        return words.capitalised(f"{ahead}. {rest}".strip())
    reached = [r for r in reasons if isinstance(r, CapReached)]
    mine = next((r for r in reached if r.cap.per is Dimension.PROGRAMME), None)
    sentence = f"{ahead}; {words.ordinal(of_programme)} of {whose.lower()} programme"
    if mine:
        has = _cap_reached(event, mine, whose).partition(" has ")[2]
        sentence += f", which has {has}" if has else ""
    rest = why_no_seat(event, [r for r in reasons if r is not mine], whose=whose)
    return words.capitalised(f"{sentence}. {rest}".strip())


# -- the rules in words --------------------------------------------------------------------------


def rules_in_words(event: Event, settings: SeatRules, rules: EventRules) -> list[str]:
    """What anybody reads of an event's rules, a sentence for each."""
    names = names_for(event, rules)
    return [
        *_audience_in_words(rules, names),
        _seats_in_words(event, rules),
        _admission_in_words(event, settings),
        *(_cap_in_words(event, cap, names) for cap in rules.caps),
        *(_hold_in_words(event, hold, names) for hold in rules.holds),
        *_promotion_in_words(event, settings),
        *_reconfirmation_in_words(event, settings),
    ]


def rules_for_staff(event: Event, settings: SeatRules, rules: EventRules) -> list[str]:
    """The rules as staff set them: with what other parts of the public page say, or none."""
    return [
        *rules_in_words(event, settings, rules),
        _registration_in_words(event),
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


def _vacancies_in_words(event: Event, settings: SeatRules) -> list[str]:
    if settings.promotion is Promotion.OFFICE:
        return ["The office chooses who gets a seat that becomes free."]
    if settings.promotion is Promotion.AUTOMATIC and event.admission is Admission.SELECTION:
        return [
            (
                "After the selection a seat that becomes free goes to the first one in line whom "
                "the rules allow."
            )
        ]
    return []


def audience(event: Event, rules: EventRules) -> str:
    """ "controllers and programmes of Transnational (2021–2027)"; empty when it is for all."""
    return _audience(rules, names_for(event, rules))


def _audience(rules: EventRules, names: Names) -> str:
    parts = [
        names.listed("roles", rules.roles),
        f"programmes of {names.listed('strands', rules.strands, 'or')}" if rules.strands else "",
        f"the {_programmes(names, rules.programmes)}" if rules.programmes else "",
        f"people from {names.listed('countries', rules.countries, 'or')}"
        if rules.countries
        else "",
    ]
    return "; ".join(part for part in parts if part)


def _audience_in_words(rules: EventRules, names: Names) -> list[str]:
    for_ = _audience(rules, names)
    sentences = [f"Open to {for_}." if for_ else "Open to everybody."]
    if rules.by_invitation:
        sentences = [f"By invitation only{f', to {for_}' if for_ else ''}."]
    return sentences


def _seats_in_words(event: Event, rules: EventRules) -> str:
    if event.mode is not Mode.HYBRID:
        return f"{words.count(event.capacity, 'seat')}."
    return f"{words.count(rules.on_site, 'seat')} on site, {rules.online:,} online."


def _admission_in_words(event: Event, settings: SeatRules) -> str:
    if event.admission is Admission.FIRST_COME:
        return "Seats go to those who register first."
    deadline = words.moment(event.closes_at, event.zone)
    sentence = f"The office chooses among all who apply by {deadline}"
    if settings.decision_on:
        sentence += f" and decides by {words.written(settings.decision_on)}"
    return f"{sentence}."


def _cap_in_words(event: Event, cap: Cap, names: Names) -> str:
    """ "Until 31 January 2027 at most 2 per programme, then 3." """
    first, *later = cap.steps
    group = "country" if cap.per is Dimension.ROLE_IN_COUNTRY else GROUPS[cap.per]
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
        f"{words.count(hold.seats, 'seat')}{_in_mode(event, hold.is_online)} {are} held for "
        f"{names.listed('roles', hold.roles)} until {words.moment(hold.until, event.zone)}."
    )


def _promotion_in_words(event: Event, settings: SeatRules) -> list[str]:
    if settings.promotion is Promotion.OFFER:
        hours = words.count(settings.offer_hours, "hour")
        return [
            (
                "A seat that becomes free is offered to the first one in line whom the rules "
                f"allow, who has {hours} to accept."
            )
        ]
    if settings.promotion is Promotion.OFFICE or event.admission is Admission.SELECTION:
        return []
    return ["A seat that becomes free goes to the first one in line whom the rules allow."]


def _reconfirmation_in_words(event: Event, settings: SeatRules) -> list[str]:
    sentences = []
    for is_online in modes_of(event):
        asks = settings.reconfirmation_for(online=is_online)
        if asks:
            who = {" online": "those who come online", " on site": "those who come on site"}.get(
                _in_mode(event, is_online), "those who have a seat"
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
        where = _in_mode(event, key == "online")
        taken = words.count(excess.taken, "seat")
        return f"{taken}{where} given, {more:,} more than there are."
    return (
        f"{names.of(dimension, key)} has {words.count(excess.taken, 'seat')}, {more:,} more than "
        f"the limit of {excess.most:,}."
    )


def proposal_in_words(event: Event, proposal: Proposal, names: Names) -> str:
    """Why the method proposes what it does, in a line."""
    if proposal.state is State.DECLINED:
        return words.capitalised(why_not(event, proposal.reasons, names))
    had = (
        f"When their turn came, their programme had {_few(proposal.of_programme)}, "
        f"their country {_few(proposal.of_country)}, their role {_few(proposal.of_role)}."
    )
    if proposal.state is State.CONFIRMED:
        return had
    return f"{had} {why_no_seat(event, proposal.reasons, whose='Their', names=names)}"


def _few(number: int) -> str:
    return words.count(number, "seat") if number else "none"


# -- people's own words --------------------------------------------------------------------------


def impossible(registration: Registration, to: State) -> str:
    """Why a registration can't move there."""
    stands = registration.state.label.lower()
    if to is registration.state:
        return f"{registration.name}: {stands} already."
    return (
        f"{registration.name}: this registration is {stands} and can’t become {to.label.lower()}."
    )


def registration_notice(event: Event, now: datetime) -> str:
    """Why nobody can register now, in a sentence; empty when they can."""
    phase = registration_phase(event, now)
    if phase is Phase.CANCELLED:
        return f"This event is cancelled. {event.cancellation_reason}".strip()
    if phase is Phase.NOT_OPEN and event.registration_opens_at:
        return f"Registration opens on {words.moment(event.registration_opens_at, event.zone)}."
    if phase is Phase.CLOSED:
        return f"Registration closed on {words.moment(event.closes_at, event.zone)}."
    if phase is Phase.PAST:
        return "This event is over."
    return "This event is not published yet." if phase is Phase.DRAFT else ""


def already(registration: Registration, now: datetime) -> str:
    """Why a second registration makes no sense, in words."""
    if registration.state_shown(now) is State.DECLINED:
        return (
            "The office has declined your application for this event. "
            f"Ask {registration.event.office.name} if you have questions."
        )
    return "You are already registered for this event. You find it under My events."


def can_cancel(registration: Registration, now: datetime) -> bool:
    """Until the event starts, what still stands can be given up."""
    is_standing = registration.state_shown(now) not in (State.CANCELLED, State.DECLINED)
    return is_standing and registration.event.is_published and now < registration.event.starts_at


def can_accept(registration: Registration, now: datetime) -> bool:
    """Say yes to an offered seat, to a nomination, or that one still comes."""
    is_asked = registration.state is State.OFFERED or registration.must_reconfirm
    is_nominated = registration.state is State.UNCONFIRMED and registration.nominated_by_id
    in_time = registration.answer_by is None or now < registration.answer_by
    is_on = registration.event.is_published and now < registration.event.starts_at
    return bool(is_asked or is_nominated) and in_time and is_on


OWN: Mapping[State, str] = {
    State.CONFIRMED: "you have a seat",
    State.OFFERED: "a seat is offered to you",
    State.WAITLISTED: "you are on the waiting list",
    State.PENDING: "the office has your application",
}
