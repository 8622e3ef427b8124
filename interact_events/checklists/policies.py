"""What a task says in words."""

from interact_events.core import words


def distance_in_words(due_days: int) -> str:
    """ "30 days before the start"."""
    if due_days == 0:
        return "On the first day"
    days = words.count(abs(due_days), "day")
    return f"{days} {'before' if due_days > 0 else 'after'} the start"
