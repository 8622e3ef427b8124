"""The words of previews."""

from collections.abc import Iterable
from typing import Any

from interact_events.core.mail import Kind, Wording, Words, worded
from interact_events.events.models import Session
from interact_events.registrations.emails import REGISTRATION, facts, without_joining
from interact_events.registrations.models import Registration

# Means something else in other kinds, where it may be a key that nobody else may have.
OWN_LINK = next(variable for variable in REGISTRATION if variable.name == "link")


def preview(
    kind: Kind, source: str, registration: Registration | None, sessions: Iterable[Session] = ()
) -> Words:
    """The mail as this person would get it now; what only its cause would tell is a sample."""
    said = {**kind.samples, **(_known(kind, registration, sessions) if registration else {})}
    return worded(kind.name, said, Wording(source))


def _known(kind: Kind, registration: Registration, sessions: Iterable[Session]) -> dict[str, Any]:
    names = {variable.name for variable in kind.variables}
    if OWN_LINK not in kind.variables:
        names.discard("link")
    said = facts(registration, sessions)
    said["joining_link"] = without_joining(said["joining_link"])
    if not said["answer_by"]:  # they have not been asked, so there is no such instant
        names.discard("answer_by")
    return {name: value for name, value in said.items() if name in names}
