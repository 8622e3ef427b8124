"""The words of mails about ideas: to who would come, and who proposed one."""

from typing import Any

from interact_events.accounts.models import User
from interact_events.core.links import url
from interact_events.core.mail import Mail, Owner, Variable, compose, kind
from interact_events.events.models import Event
from interact_events.ideas.models import Idea
from interact_events.registrations.emails import EVENT, event_facts

IDEA = (
    Variable("name", "the person’s name", "Ζωή Παπαδοπούλου"),
    Variable("idea", "what the idea is called", "Sampling for small populations"),
    Variable("link", "address of the idea", "https://events.example.eu/ideas/sampling"),
)

INVITED_FIRST = kind(
    "ideas.invited_first",
    "An event is published for those who wanted it",
    *EVENT,
    *IDEA,
    Variable("verb", "“Register” or “Apply”", "Register"),
    Variable("opens", "from when they may, if not at once", ""),
    Variable("everybody", "from when everybody else may, if later", "14 December 2026, 15:00 CET"),
)
PLANNED = kind(
    "ideas.planned",
    "An office plans an event on an idea",
    *IDEA,
    Variable("office", "the office that plans it", "Interact Office Vienna"),
    owner=Owner.ACCOUNT,
)
CLOSED = kind(
    "ideas.closed",
    "An idea is closed",
    *IDEA,
    Variable("reason", "why, in the words of staff", "The network has just had such an event."),
    Variable("ideas", "address of all ideas", "https://events.example.eu/ideas"),
    owner=Owner.ACCOUNT,
)


def invited_first(idea: Idea, event: Event, user: User, opens: str, everybody: str) -> Mail:
    """The event that they said they would come to can be seen, and they are the first to know."""
    verb = "Apply" if event.admission == "selection" else "Register"
    return compose(
        INVITED_FIRST,
        **_facts(idea, user),
        verb=verb,
        opens=opens,
        everybody=everybody,
        **event_facts(event, user),
    )


def planned(idea: Idea, user: User, office: str) -> Mail:
    return compose(PLANNED, **_facts(idea, user), office=office)


def closed(idea: Idea, user: User) -> Mail:
    return compose(CLOSED, **_facts(idea, user), reason=idea.reason, ideas=url("ideas.index"))


def _facts(idea: Idea, user: User) -> dict[str, Any]:
    return {
        "name": user.name,
        "idea": idea.title,
        "link": url("ideas.show", slug=idea.slug),
    }
