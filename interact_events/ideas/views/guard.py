"""Loads the idea that an address names, for those who may."""

from flask_login import current_user

from interact_events.accounts.models import User
from interact_events.accounts.policies import can_edit_in_office
from interact_events.core.web.access import permitted, visible
from interact_events.ideas import queries
from interact_events.ideas.models import Idea
from interact_events.ideas.policies import can_edit_idea, can_view_idea, edits_ideas
from interact_events.interreg.models import Office
from interact_events.interreg.queries import offices


def seen_idea(slug: str) -> Idea:
    """The idea; 404 for whom it does not concern. A merged one is seen by who sees the other."""
    idea = queries.idea_by_slug(slug)
    visible(idea)
    assert idea  # visible() has answered 404 otherwise
    counts = idea.merged_into or idea
    is_open = can_view_idea(current_user, counts, supports=False)
    visible(is_open or queries.support_of(counts, current_user))
    return idea


def edited_idea(slug: str) -> Idea:
    """The idea, for staff who may change it; 403 for those who only see it."""
    idea = seen_idea(slug)
    permitted(can_edit_idea(current_user, idea))
    return idea


def own_offices(user: User) -> list[Office]:
    """Those in which the person may edit."""
    if not edits_ideas(user):
        return []
    every = offices() if user.is_coordinator else user.offices
    return [office for office in every if can_edit_in_office(user, office)]
