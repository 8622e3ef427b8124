"""Keeping one person's calendar right by mail (RFC 5546): what has to be said after a change.

What a person was sent of each entry is kept; compared with what is so now it gives the messages
that bring their calendar there. Plain data in, plain data out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Self

from interact_events.core import words
from interact_events.core.clock import to_local, zone_name
from interact_events.core.ics import Method


@dataclass(frozen=True)
class Item:
    """What takes place within an entry."""

    title: str
    starts_at: datetime
    ends_at: datetime
    room: str = ""


@dataclass(frozen=True)
class Facts:
    """What a person goes by, and has to hear of when it changes."""

    title: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    where: str
    items: tuple[Item, ...] = ()
    has_link: bool = False  # to join, their own: it stays the same while the meeting's changes

    def to_json(self) -> dict[str, Any]:
        items = [vars(item) | _times_to_json(item) for item in self.items]
        return vars(self) | _times_to_json(self) | {"items": items}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        items = tuple(Item(**(item | _times_from_json(item))) for item in kept["items"])
        return cls(**{**kept, **_times_from_json(kept), "items": items})


def _times_to_json(timed: Facts | Item) -> dict[str, str]:
    return {"starts_at": timed.starts_at.isoformat(), "ends_at": timed.ends_at.isoformat()}


def _times_from_json(kept: Mapping[str, Any]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(kept[name]) for name in ("starts_at", "ends_at")}


@dataclass(frozen=True)
class Held:
    """The latest version of an entry that was written to a person; one that `is_untold` has not
    left, and may still be taken back."""

    sequence: int
    facts: Facts
    is_cancelled: bool = False
    is_untold: bool = False

    def shown(self, sequence: int) -> int:
        """The SEQUENCE where everybody reads `sequence`; an untold version shows in nothing."""
        return max(sequence, self.sequence - self.is_untold)

    def next(self, sequence: int) -> int:
        return max(sequence, self.sequence + (not self.is_untold))


@dataclass(frozen=True)
class Wanted:
    """An entry as it is now; `sequence` counts the revisions that everybody reads."""

    sequence: int
    facts: Facts
    is_cancelled: bool = False


@dataclass(frozen=True)
class Message:
    """The next version of one entry; `before` is what the person has had of it, if anything. Its
    day may stay where it goes: the days are counted anew then."""

    method: Method
    uid: str
    sequence: int
    facts: Facts
    before: Facts | None = None
    is_day_kept: bool = False

    @property
    def ends_at(self) -> datetime:
        return max(facts.ends_at for facts in (self.facts, self.before) if facts)


def messages(
    held: Mapping[str, Held], wanted: Mapping[str, Wanted], *, now: datetime, all_of_them: bool
) -> list[Message]:
    """The messages that turn `held` into `wanted`, by time; none of what is over.

    A REQUEST or CANCEL is about one UID. `all_of_them`: also of entries that have not changed,
    for the mail that gives a seat.
    """
    said = [
        *_requests(held, {k: v for k, v in wanted.items() if not v.is_cancelled}, all_of_them),
        *_cancels(held, wanted),
    ]
    ahead = [message for message in said if message.ends_at > now]
    return sorted(ahead, key=lambda each: (each.facts.starts_at, each.uid))


def _requests(
    held: Mapping[str, Held], wanted: Mapping[str, Wanted], all_of_them: bool
) -> Iterator[Message]:
    for uid, new in wanted.items():
        old = held.get(uid)
        if old is None:
            yield Message(Method.REQUEST, uid, new.sequence, new.facts)
            continue
        is_new = old.is_cancelled or old.is_untold
        if all_of_them or is_new or old.facts != new.facts:
            before = None if is_new else old.facts
            yield Message(Method.REQUEST, uid, old.next(new.sequence), new.facts, before)


def _cancels(held: Mapping[str, Held], wanted: Mapping[str, Wanted]) -> Iterator[Message]:
    kept = {_day(new.facts) for new in wanted.values() if not new.is_cancelled}
    for uid, old in held.items():
        new = wanted.get(uid)
        if not old.is_cancelled and (new is None or new.is_cancelled):
            sequence, is_kept = old.next(new.sequence if new else 0), _day(old.facts) in kept
            yield Message(Method.CANCEL, uid, sequence, old.facts, old.facts, is_kept)


def _day(facts: Facts) -> date:
    return to_local(facts.starts_at, facts.zone).date()


# -- what has changed, in words ------------------------------------------------------------------


def differences(before: Facts, after: Facts) -> list[str]:
    """ "Starts at 10:00 EET instead of 09:00 EET.", a sentence for each change."""
    said = [*_times_changed(before, after)]
    if before.where != after.where:
        said.append(f"Where: {after.where or 'not given'} instead of {before.where}.")
    if before.title != after.title:
        said.append(f"It is called “{after.title}” instead of “{before.title}”.")
    if before.has_link != after.has_link:
        said.append(_link_changed(after.has_link))
    return [*said, *_items_changed(before, after)]


def _link_changed(has_link: bool) -> str:
    return "It has a link to join now." if has_link else "It has no link to join any more."


def _times_changed(before: Facts, after: Facts) -> Iterator[str]:
    zones = before.zone, after.zone
    is_same_day = _day(before) == _day(after)
    for verb, old, new in (
        ("Starts", before.starts_at, after.starts_at),
        ("Ends", before.ends_at, after.ends_at),
    ):
        say = _at if is_same_day else _on
        then, now = say(old, zones[0]), say(new, zones[1])
        if then != now:
            yield f"{verb} {now} instead of {then.partition(' ')[2]}."


def _at(instant: datetime, zone: str) -> str:
    return f"at {_time(instant, zone)}"


def _on(instant: datetime, zone: str) -> str:
    return f"on {words.weekday(instant, zone)}, {_time(instant, zone)}"


def _time(instant: datetime, zone: str) -> str:
    """ "10:00 EET"."""
    return f"{words.clock(instant, zone)} {zone_name(instant, zone)}"


def _items_changed(before: Facts, after: Facts) -> Iterator[str]:
    """By their titles; of several that go by one title each time is one of its own."""
    old, new = _by_title(before), _by_title(after)
    for title, lines in new.items():
        known = old.get(title, [])
        if len(lines) == len(known) == 1 and lines != known:
            yield f"“{title}”: {lines[0]} instead of {known[0]}."
        else:
            yield from (f"New: “{title}”, {line}." for line in lines if line not in known)
    for title, lines in old.items():
        left = new.get(title, [])
        if not len(lines) == len(left) == 1:
            yield from (f"No longer: “{title}”, {line}." for line in lines if line not in left)


def _by_title(facts: Facts) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for item in facts.items:
        time = words.time_span(item.starts_at, item.ends_at, facts.zone)
        line = f"{time} in {item.room}" if item.room else time
        found.setdefault(item.title, []).append(line)
    return found
