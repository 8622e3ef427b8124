"""Whose work an event is, as far as the event says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from interact_events.core.words import folded

BETWEEN = dict.fromkeys(",;/|", " | ")  # what parts one name from the next


class Task(StrEnum):
    """What somebody has to do with an event."""

    CONTACT = "contact"
    CREATED = "planned it"
    SPEAKS = "speaks"


class Colleague(Protocol):
    """Somebody of an office's staff."""

    @property
    def id(self) -> int: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


class Speech(Protocol):
    @property
    def speakers(self) -> str: ...


class Planned(Protocol):
    """What an event says about people."""

    @property
    def contact_name(self) -> str: ...
    @property
    def contact_email(self) -> str: ...
    @property
    def created_by_id(self) -> int | None: ...
    @property
    def agenda(self) -> Iterable[Speech]: ...


@dataclass(frozen=True)
class Share:
    """A person's part in an event."""

    person_id: int
    tasks: tuple[Task, ...]


def shares(event: Planned, staff: Sequence[Colleague]) -> list[Share]:
    """Who of the staff has to do with it. Whoever is named as contact leads it; where no colleague
    is named, whoever planned it does."""
    contacts = {person.id for person in staff if _is_contact(person, event)}
    speakers = _spoken(", ".join(session.speakers for session in event.agenda))
    found = []
    for person in staff:
        checks = (
            (person.id in contacts, Task.CONTACT),
            (not contacts and person.id == event.created_by_id, Task.CREATED),
            (_is_named(person, speakers), Task.SPEAKS),
        )
        tasks = tuple(task for is_theirs, task in checks if is_theirs)
        if tasks:
            found.append(Share(person.id, tasks))
    return found


def _is_contact(person: Colleague, event: Planned) -> bool:
    address = event.contact_email.casefold()
    name = folded(person.name)
    return address == person.email or (bool(name) and name == folded(event.contact_name))


def _is_named(person: Colleague, speakers: str) -> bool:
    """By the whole name, and not as a part of a longer one."""
    name = _spoken(person.name)
    return bool(name.strip()) and name in speakers


def _spoken(text: str) -> str:
    """The words alone, with a mark between people."""
    marked = "".join(each if each.isalnum() else BETWEEN.get(each, " ") for each in folded(text))
    return f" {' '.join(marked.split())} "
