"""Everything that happens to ideas and to what people say of them."""

from interact_events.ideas.actions.caring import (
    close_idea,
    merge_ideas,
    open_idea,
    reopen_idea,
    save_idea,
)
from interact_events.ideas.actions.planning import DraftValues, plan_idea
from interact_events.ideas.actions.supporting import (
    IdeaValues,
    SupportValues,
    delete_old_supports,
    new_slug,
    propose,
    support,
    take_back,
    withdraw_support,
)

__all__ = [
    "DraftValues",
    "IdeaValues",
    "SupportValues",
    "close_idea",
    "delete_old_supports",
    "merge_ideas",
    "new_slug",
    "open_idea",
    "plan_idea",
    "propose",
    "reopen_idea",
    "save_idea",
    "support",
    "take_back",
    "withdraw_support",
]
