"""Why somebody may not come, has no seat or stands where they stand in line."""

from collections.abc import Iterable, Sequence

from interact_events.core import words
from interact_events.events.models import Event, Mode
from interact_events.registrations.queries import (
    WHOLE_LINE,
    Names,
    has_unconfirmed_use,
    invitation_by_code,
    invitation_for,
    names_for,
)
from interact_events.registrations.rules import (
    AllSeatsTaken,
    Barrier,
    Cap,
    CapReached,
    CountryNotInvited,
    Dimension,
    EarlierFirst,
    Hold,
    NotInvited,
    OthersWait,
    ProgrammeNotInvited,
    Reason,
    RoleNotInvited,
    SeatsHeld,
    StrandNotInvited,
)


def modes_of(event: Event) -> tuple[bool, ...]:
    """In which modes people may take part: online?"""
    return (False, True) if event.mode is Mode.HYBRID else (event.mode is Mode.ONLINE,)


def why_not(
    event: Event,
    reasons: Iterable[Reason],
    names: Names | None = None,
    *,
    for_staff: bool = False,
) -> str:
    """Every obstacle of a refused one, and whom to ask: staff ask nobody."""
    names = names or names_for(event)
    ask = "" if for_staff else f" Ask {event.office.name}."
    reasons = list(reasons)
    groups = [text for reason in reasons if (text := _invited_group(reason, names))]
    sentences = [f"this event is for {' and '.join(groups)}"] if groups else []
    if any(isinstance(reason, NotInvited) for reason in reasons):
        sentences.append("this event is by invitation only")
    return f"{'; '.join(sentences)}.{ask}"


def wrong_code(event: Event, code: str, email: str) -> str:
    """Why an invitation does not let them in."""
    invitation = invitation_by_code(event, code)
    if invitation is None:
        return f"This event has no such code. Look at your invitation, or ask {event.office.name}."
    if invitation.withdrawn_at:
        return f"This invitation was withdrawn. Ask {event.office.name}."
    if invitation.email not in (None, email):
        return (
            "This invitation was sent to another e-mail address and is for that one only. "
            f"Ask {event.office.name} for one of your own."
        )
    return f"This code has been used as often as it may be. Ask {event.office.name}."


def bad_code(event: Event, code: str) -> str:
    """Why a code lets nobody in; empty where it may let in somebody, whose form can be corrected
    among them. Whose address it was sent to is not said to whoever has not given theirs."""
    invitation = invitation_by_code(event, code)
    is_good = invitation is not None and invitation.withdrawn_at is None
    if invitation and is_good and (invitation.email or has_unconfirmed_use(invitation)):
        return ""
    found = invitation_for(event, email="", code=code, is_theirs=False)
    return "" if found else wrong_code(event, code, "")


def _invited_group(reason: Reason, names: Names) -> str:
    if isinstance(reason, RoleNotInvited):
        return names.listed("roles", reason.roles)
    if isinstance(reason, StrandNotInvited):
        return f"programmes of {names.listed('strands', reason.strands, 'or')}"
    if isinstance(reason, ProgrammeNotInvited):
        return f"the {programmes_named(names, reason.programmes)}"
    if isinstance(reason, CountryNotInvited):
        return f"people from {names.listed('countries', reason.countries, 'or')}"
    if isinstance(reason, EarlierFirst):
        return with_seat_at(names, reason.event)
    return ""


def with_seat_at(names: Names, event: int) -> str:
    return f"people who have a seat at {names.title(event)}"


def programmes_named(names: Names, programmes: frozenset[int]) -> str:
    word = "programme" if len(programmes) == 1 else "programmes"
    return f"{word} {names.listed('programmes', programmes)}"


def why_no_seat(
    event: Event, reasons: Iterable[Reason], *, whose: str = "Your", names: Names | None = None
) -> str:
    """Every reason why there is no seat now: "Your programme has its 2 seats."; staff read of
    "Their" programme."""
    names = names or names_for(event)
    reasons = list(reasons)
    sentences = [_shortage(event, reason, whose, names) for reason in reasons]
    if any(_invited_group(r, names) or isinstance(r, NotInvited) for r in reasons):
        why = why_not(event, reasons, names, for_staff=whose == "Their")
        sentences.append(words.capitalised(why))
    return " ".join(sentence for sentence in sentences if sentence)


def _shortage(event: Event, reason: Reason, whose: str, names: Names) -> str:
    if isinstance(reason, AllSeatsTaken):
        where = in_mode(event, reason.is_online)
        if not reason.capacity:
            return f"There are no seats{where}."
        one = reason.capacity == 1
        seats = "The only seat" if one else f"All {words.count(reason.capacity, 'seat')}"
        return f"{seats}{where} {'is' if one else 'are'} taken."
    if isinstance(reason, SeatsHeld):
        return f"What is left is held for {held_for(event, reason.holds, names)}."
    if isinstance(reason, CapReached):
        return f"{_cap_reached(event, reason, whose)}."
    if isinstance(reason, OthersWait):
        return "A seat is free, and the office chooses who of those who wait gets it."
    return ""


def in_mode(event: Event, is_online: bool) -> str:
    if event.mode is not Mode.HYBRID:
        return ""
    return " online" if is_online else " on site"


def held_for(event: Event, holds: Iterable[Hold], names: Names) -> str:
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


def group_of(cap: Cap) -> str:
    return "country" if cap.per is Dimension.ROLE_IN_COUNTRY else GROUPS[cap.per]


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


def _passed_over(event: Event, barriers: Sequence[Barrier], whose: str) -> str:
    """Rules that came after them keep them where they are, and nobody moves them up."""
    if whose != "Your":
        return f"no seat comes to them by itself: {why_not(event, barriers)}"
    why = why_not(event, barriers)
    return f"no seat comes to you by itself any more: {why} You may also leave the list."


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
    if barriers := [reason for reason in reasons if isinstance(reason, Barrier)]:
        return words.capitalised(f"{ahead}, but {_passed_over(event, barriers, whose)}")
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
