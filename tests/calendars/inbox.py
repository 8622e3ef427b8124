"""Calendars of people who read our mails: each takes what it is sent as its program does."""

from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

Read = Callable[[bytes], dict[str, Any]]
Entry = dict[str, Any]
SENDER = "events@interact.example"


class Inbox:
    """A calendar kept by RFC 5546, 2.1.5: the UID says which entry, then the higher SEQUENCE
    counts, and of equal ones the later DTSTAMP. `read` shares no code with what writes."""

    def __init__(self, owner: str, read: Read) -> None:
        self.owner, self._read = owner, read
        self.entries: dict[str, Entry] = {}  # cancelled ones too: they are older versions' graves
        self.passed_over = 0

    def take(self, mail: EmailMessage) -> None:
        content = self.found_in(mail)
        if content is None:
            return
        calendar = self._read(content)
        (entry,) = calendar["events"]
        known = self.entries.get(entry["uid"])
        if known and not self.is_newer(entry, known):
            self.passed_over += 1
            return
        assert calendar["method"] in ("REQUEST", "CANCEL")
        assert (entry["status"] == "CANCELLED") is (calendar["method"] == "CANCEL")
        self.entries[entry["uid"]] = entry

    def found_in(self, mail: EmailMessage) -> bytes | None:
        """The part of the mail that is another form of its text; what it says of itself outside
        is what it says inside."""
        for part in mail.walk():
            if part.get_content_type() == "text/calendar":
                content = part.get_payload(decode=True)
                assert isinstance(content, bytes)
                assert self._read(content)["method"] == part.get_param("method")
                return content
        return None

    def is_newer(self, entry: Entry, known: Entry) -> bool:
        return bool((entry["sequence"], entry["revised"]) >= (known["sequence"], known["revised"]))

    @property
    def shown(self) -> list[Entry]:
        """What its owner sees, by time."""
        standing = [each for each in self.entries.values() if each["status"] != "CANCELLED"]
        return sorted(standing, key=lambda each: each["starts"])


class Outlook(Inbox):
    """Knows an invitation only as the last form of the text, not as an attachment; reads one entry
    and the zones as the file describes them; what is not newer is "out of date"."""

    def found_in(self, mail: EmailMessage) -> bytes | None:
        text = mail.get_body(("plain",))
        if text is None or not mail.is_multipart():
            return None
        (alternative,) = (p for p in mail.walk() if p.get_content_type().endswith("/alternative"))
        assert isinstance(alternative, EmailMessage)
        *_, last = alternative.iter_parts()
        if last.get_content_type() != "text/calendar":
            return None
        assert last.get_content_disposition() is None
        content = super().found_in(mail)
        assert content is not None
        zones, times = self._read(content)["timezones"], self._read(content)["events"]
        assert all(each["zone"] in (*zones, "UTC") for each in times)
        assert len(times) == 1
        return content

    def is_newer(self, entry: Entry, known: Entry) -> bool:
        return bool(entry["sequence"] > known["sequence"])


class Google(Inbox):
    """Takes it from the organizer's own address alone, for an owner who is among the attendees;
    an update has to be of a higher SEQUENCE."""

    def take(self, mail: EmailMessage) -> None:
        content = self.found_in(mail)
        if content is None:
            return
        (entry,) = self._read(content)["events"]
        (sender,) = mail["From"].addresses
        assert entry["organizerAddress"] == f"mailto:{sender.addr_spec}"
        assert [each["address"] for each in entry["attendees"]] == [f"mailto:{self.owner}"]
        super().take(mail)

    def is_newer(self, entry: Entry, known: Entry) -> bool:
        return bool(entry["sequence"] > known["sequence"])


class Apple(Inbox):
    """Its owner opens the file beside the text."""

    def found_in(self, mail: EmailMessage) -> bytes | None:
        inline = super().found_in(mail)
        files = [p for p in mail.iter_attachments() if (p.get_filename() or "").endswith(".ics")]
        contents = [part.get_payload(decode=True) for part in files]
        assert contents == ([inline] if inline else [])
        return inline


PROGRAMS = (Outlook, Google, Apple)
