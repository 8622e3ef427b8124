"""Pages where offices write to the people of an event."""

from interact_events.letters.views import letters, reminders, sending

BLUEPRINTS = (letters.blueprint, sending.blueprint, reminders.blueprint)
