"""What somebody would get as each of their profiles, in words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from interact_events.accounts.models import Profile
from interact_events.core import words
from interact_events.events.models import Event
from interact_events.registrations.models import SeatRules, State
from interact_events.registrations.policies.reasons import modes_of, why_no_seat, why_not
from interact_events.registrations.queries import (
    Names,
    applicant_of,
    lacks_earlier_seat,
    line_at,
    names_for,
    rules_and_taken,
)
from interact_events.registrations.rules import (
    Applicant,
    CountryNotInvited,
    Decision,
    EventRules,
    NotInvited,
    ProgrammeNotInvited,
    RoleNotInvited,
    SeatsTaken,
    StrandNotInvited,
    decide,
)

OF_PROFILE = (RoleNotInvited, StrandNotInvited, ProgrammeNotInvited, CountryNotInvited)


@dataclass(frozen=True)
class Answer:
    """What somebody would get as one of their profiles, in words."""

    profile: Profile
    is_yes: bool
    sentence: str
    decision: Decision
    waits_in: frozenset[bool] = frozenset()  # the modes (online?) in which they would wait

    @property
    def waits(self) -> bool:
        """The list is all that they can join now."""
        return self.decision.state is State.WAITLISTED

    @property
    def lacks_invitation(self) -> bool:
        """An invitation is all that they need."""
        reasons = self.decision.reasons
        return not self.is_yes and all(isinstance(reason, NotInvited) for reason in reasons)

    @property
    def fits(self) -> bool:
        """Another profile would help no more: what they lack is none of what it says."""
        return not any(isinstance(reason, OF_PROFILE) for reason in self.decision.reasons)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An event's rules and the seats given, as far as they concern the viewer."""

    event: Event
    rules: EventRules
    taken: SeatsTaken
    now: datetime
    is_invited: bool = False
    lacks_earlier: bool = False

    @cached_property
    def names(self) -> Names:
        """Read only where something has to be explained."""
        return names_for(self.event, self.rules)

    @cached_property
    def line(self) -> Iterable[Applicant]:
        """Read only where nobody may overtake."""
        return line_at(self.event, self.rules)


def standing_for(
    event: Event,
    settings: SeatRules,
    profiles: Sequence[Profile],
    *,
    now: datetime,
    is_invited: bool = False,
) -> Standing:
    """What is needed to answer somebody with these profiles."""
    applicants = [applicant_of(p, is_online=o) for p in profiles for o in modes_of(event)]
    rules, taken = rules_and_taken(event, settings, *applicants)
    return Standing(
        event=event,
        rules=rules,
        taken=taken,
        now=now,
        is_invited=is_invited,
        lacks_earlier=any(lacks_earlier_seat(settings, p.user_id, now) for p in profiles[:1]),
    )


def answers_for(profiles: Iterable[Profile], standing: Standing) -> list[Answer]:
    """The answer for each profile, those that may register first."""
    answers = [answer_for(profile, standing) for profile in profiles]
    return sorted(answers, key=lambda answer: not answer.is_yes)


def answer_for(profile: Profile, standing: Standing) -> Answer:
    """ "You can register as controller of Central Baltic." or why not."""
    event = standing.event
    decisions = _decisions(profile, standing)
    waits_in = frozenset(o for o, each in decisions.items() if each.state is State.WAITLISTED)
    decision = min(decisions.values(), key=lambda each: each.state is State.WAITLISTED)
    programme = profile.programme.name if profile.programme else None
    as_ = _as(profile.role.label_in(event.period_id), programme)
    if decision.is_refused:
        why = why_not(event, decision.reasons, standing.names)
        verb = "apply" if standing.rules.by_selection else "register"
        return Answer(profile, False, f"As {as_}, you can’t {verb}: {why}", decision)
    if decision.state is State.WAITLISTED:
        why = why_no_seat(event, decision.reasons, names=standing.names)
        sentence = f"As {as_}, you can join the waiting list. {why}"
        return Answer(profile, True, sentence, decision, waits_in)
    verb = "apply" if decision.state is State.PENDING else "register"
    return Answer(profile, True, f"You can {verb} as {as_}.", decision, waits_in)


def only_wait(answers: Iterable[Answer]) -> bool:
    """Whether there is a place in line for them, and no seat."""
    open_to = [answer for answer in answers if answer.is_yes]
    return bool(open_to) and all(answer.waits for answer in open_to)


def _decisions(profile: Profile, standing: Standing) -> dict[bool, Decision]:
    """What they would get in each mode, on site first."""
    return {
        is_online: decide(
            standing.rules,
            standing.taken,
            applicant_of(
                profile,
                is_online=is_online,
                is_invited=standing.is_invited,
                lacks_earlier=standing.lacks_earlier,
            ),
            standing.now,
            line=standing.line,
        )
        for is_online in modes_of(standing.event)
    }


def _as(role_label: str, programme: str | None) -> str:
    """ "controller of Central Baltic"."""
    role = words.within_sentence(role_label)
    return f"{role} of {programme}" if programme else role
