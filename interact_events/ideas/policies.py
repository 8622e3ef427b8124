"""Who sees an idea, and what they may do with it."""

from interact_events.accounts.models import Level, User
from interact_events.accounts.policies import can_edit_in_office
from interact_events.ideas.models import Idea
from interact_events.interreg.models import Office


def is_staff(user: User) -> bool:
    """They work in some office: they see all ideas and what is asked for."""
    return user.is_coordinator or bool(user.memberships)


def edits_ideas(user: User) -> bool:
    """They may edit in some office, so ideas of no office are theirs to care for as well."""
    return user.is_coordinator or any(m.level.includes(Level.EDITOR) for m in user.memberships)


def can_view_idea(user: User, idea: Idea, *, supports: bool) -> bool:
    """What waits for staff or was closed is seen by who it concerns; the rest by everybody."""
    is_concerned = supports or idea.proposed_by_id == user.id
    return idea.is_open or is_concerned or is_staff(user)


def can_edit_idea(user: User, idea: Idea) -> bool:
    """Open, change, merge and close it, make an event of it. What an office left behind that is
    retired is everybody's to look after."""
    office = idea.office
    if office is None or office.is_retired:
        return edits_ideas(user)
    return can_edit_in_office(user, office)


def can_plan_in(user: User, idea: Idea, office: Office) -> bool:
    """Make an event of this office out of it."""
    return can_edit_idea(user, idea) and can_edit_in_office(user, office)


def can_take_back(user: User, idea: Idea) -> bool:
    """Nobody but staff has seen it yet."""
    return idea.is_proposed and idea.proposed_by_id == user.id


def takes_support(idea: Idea) -> bool:
    """One can say that one would come until there is an event to register for."""
    return idea.is_proposed or takes_in(idea)


def takes_in(idea: Idea) -> bool:
    """Another one can be merged into it: nobody has been invited yet."""
    return idea.is_open and (idea.event is None or idea.event.is_draft)


def can_reopen(idea: Idea) -> bool:
    """It was closed, or the event made of it is called off."""
    is_off = idea.event is not None and idea.event.is_cancelled
    return idea.is_closed or (idea.is_open and is_off)


def standing(idea: Idea) -> tuple[str, str]:
    """Where it stands in a word or two, and the tone of its badge."""
    if idea.is_open and idea.event:
        if idea.event.is_cancelled:
            return "Event cancelled", "bad"
        return ("Being planned", "wait") if idea.event.is_draft else ("Planned", "good")
    return {
        "proposed": ("Waits for staff", "wait"),
        "open": ("Open", "plain"),
        "merged": ("Merged", "plain"),
        "closed": ("Closed", "plain"),
    }[idea.state]
