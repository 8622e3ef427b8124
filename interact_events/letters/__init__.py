"""What offices write to an event's people: letters, and reminders by rule."""
