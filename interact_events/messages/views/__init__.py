"""The pages about words of mails and about mails."""

from interact_events.messages.views import admin_mails, event_messages, my_messages, wordings

BLUEPRINTS = (
    wordings.of_offices,
    wordings.of_events,
    event_messages.blueprint,
    admin_mails.blueprint,
    my_messages.blueprint,
)
