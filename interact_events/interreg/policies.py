"""Who may edit the network's data."""

from typing import Protocol


class Person(Protocol):
    """A signed-in person, as far as this feature knows people."""

    @property
    def is_coordinator(self) -> bool: ...


def can_administer(person: Person) -> bool:
    """The network's data belongs to the secretariat."""
    return person.is_coordinator
