"""Decisions over plain data: what stands on which day, and what a file of planned events says."""

from interact_events.calendars.rules.entries import is_calendar, read_calendar
from interact_events.calendars.rules.plans import Known, Reading
from interact_events.calendars.rules.tables import read_table


def read_file(content: bytes, known: Known) -> Reading:
    """The planned events of a calendar or a table; DomainError where it is neither."""
    return (read_calendar if is_calendar(content) else read_table)(content, known)
