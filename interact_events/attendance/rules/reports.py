"""Attendance reports of Teams, Zoom and Webex: which it is, who joined, and when they left."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from itertools import chain

from interact_events.attendance.rules.columns import Column
from interact_events.attendance.rules.stamps import (
    Order,
    Stamp,
    duration_of,
    likely_order,
    stamp_of,
    stated_zone,
)
from interact_events.attendance.rules.tables import (
    AGAIN,
    MOST_ROWS,
    WANTED,
    Block,
    blocks_of,
)
from interact_events.attendance.rules.time import Span, joined
from interact_events.core import words
from interact_events.core.sheets import Row, plain, refused, text_of
from interact_events.core.words import folded

AROUND = timedelta(days=1)  # before an event's first day and after its last: other zones, midnight
MOST_SAID = 5  # lines named of one fault
A_TIME = "a day and a time, like 12.05.2027 09:00"


class ReportKind(StrEnum):
    """What exported it."""

    TEAMS = "teams"
    TEAMS_LOG = "teams-log"
    ZOOM = "zoom"
    WEBEX = "webex"
    OTHER = "other"

    @property
    def label(self) -> str:
        return {
            "teams": "Microsoft Teams attendance report",
            "teams-log": "Microsoft Teams attendance list (older)",
            "zoom": "Zoom participants report",
            "webex": "Webex attendance report",
            "other": "List of joinings",
        }[self.value]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the report: somebody was there, or (in a log) came or went."""

    line: int
    name: str
    email: str
    joined: Stamp | None = None
    left: Stamp | None = None
    lasted: timedelta | None = None

    @property
    def who(self) -> str:
        """Those without an address are told apart by their names."""
        return self.email or f"name:{folded(self.name)}"

    @property
    def stamps(self) -> Iterator[Stamp]:
        return (stamp for stamp in (self.joined, self.left) if stamp)


@dataclass(frozen=True)
class Report:
    """A report as it is written: days and zone are not decided yet."""

    kind: ReportKind
    entries: list[Entry]
    stated_zone: str  # empty where the report says none
    notes: list[str] = field(default_factory=list)

    def unfit(self, order: Order) -> Entry | None:
        """The first line with a day that does not exist in that order."""
        return next((e for e in self.entries if not all(s.local(order) for s in e.stamps)), None)

    def likely_order(self, first: date, last: date) -> Order | None:
        """Which number of a day is the day, by the event's; nothing where staff have to say."""
        stamps = chain.from_iterable(entry.stamps for entry in self.entries)
        return likely_order(stamps, first - AROUND, last + AROUND)


@dataclass(frozen=True)
class Attendee:
    """Somebody in the report, known by the first of their lines, and when they were there."""

    line: int
    name: str
    email: str
    spans: tuple[Span, ...]
    joins: int = 1


@dataclass(frozen=True)
class Reading:
    """Who was there and when, by one order of days and one zone."""

    attendees: list[Attendee]
    notes: list[str]

    @property
    def first_at(self) -> datetime:
        return min(each.spans[0][0] for each in self.attendees)

    @property
    def last_at(self) -> datetime:
        return max(each.spans[-1][1] for each in self.attendees)


# -- what is written -----------------------------------------------------------------------------


def report_of(content: bytes) -> Report:
    """What the file says; DomainError, in a sentence with the line, for anything else."""
    blocks = blocks_of(text_of(content, AGAIN))
    lists = _main_blocks(blocks)
    block, rows = lists[0], sum(len(each.rows) for each in lists)
    if rows > MOST_ROWS:
        raise refused(
            f"The report has {rows:,} rows: at most {MOST_ROWS:,} are read. "
            "Export one meeting at a time."
        )
    kind = _kind(block, blocks)
    notes: list[str] = []
    entries = [_entry(each, row) for each in lists for row in _people(each, notes)]
    _refuse_empty(entries, block)
    entries = _with_addresses(entries, blocks)
    unique = list(
        {(e.who, e.name, e.joined, e.left, e.lasted): e for e in reversed(entries)}.values()
    )
    unique.reverse()
    if len(unique) < len(entries):
        notes.append(f"{_lines(len(entries) - len(unique))} twice in the file and counted once.")
    missing = _missing(entries, blocks)
    notes += _said({"missing": missing}) if missing else ()
    if block.is_guessed:
        joins, leaves = _title(block, Column.JOIN), _title(block, Column.LEAVE)
        notes.append(
            "The names of its columns are not known. By what stands in them, people joined at "
            f"“{joins}” and left at “{leaves}”: please check."
        )
    if kind is ReportKind.TEAMS and Column.FIRST_JOIN in block.columns:
        notes.append(
            "This report holds only each person’s first joining and last leaving: time away in "
            "between is not known, and counts."
        )
    heading = (plain(c) for row in [*block.above, block.heading] for c in row.cells)
    above = (plain(c) for other in blocks for row in other.above for c in row.cells)
    report = Report(kind, unique, stated_zone(chain(heading, above)), notes)
    _refuse_mixed(report)
    return report


def _refuse_mixed(report: Report) -> None:
    month_last, day_last = report.unfit(Order.MONTH_FIRST), report.unfit(Order.DAY_FIRST)
    if month_last and day_last:
        raise refused(
            f"Line {month_last.line:,} writes the day before the month, line {day_last.line:,} the "
            f"month before the day, so the days can’t be told. {AGAIN}"
        )


def _title(block: Block, column: Column) -> str:
    place = block.columns[column]
    cells = block.heading.cells
    return plain(cells[place]) if place < len(cells) else ""


def _lines(number: int) -> str:
    return "1 line is" if number == 1 else f"{number:,} lines are"


def _main_blocks(blocks: Sequence[Block]) -> list[Block]:
    """Single joinings rather than the first and the last of each person; of all the reports in
    the file, for people put those of a meeting that began anew into one."""
    for wanted in (Column.JOIN, Column.STAMP, Column.FIRST_JOIN):
        found = [b for b in blocks if wanted in b.columns]
        with_rows = [b for b in found if b.rows]
        if with_rows:
            return with_rows[-1:] if with_rows[-1].is_guessed else with_rows
    timed = [b for b in blocks if {Column.JOIN, Column.STAMP, Column.FIRST_JOIN} & b.columns.keys()]
    if timed:
        raise _nobody(timed[0])
    raise refused(
        f"Line {blocks[0].heading.line:,} has a column for how long people were there, but none "
        f"for when they joined. Expected were {WANTED}. In Zoom, leave “Show unique users” off."
    )


def _nobody(block: Block) -> Exception:
    return refused(
        f"Nobody follows the heading in line {block.heading.line:,}: at least one person was "
        f"expected. The file seems truncated. {AGAIN}"
    )


def _refuse_empty(entries: Sequence[Entry], block: Block) -> None:
    if not entries:
        raise _nobody(block)


def _kind(block: Block, blocks: Sequence[Block]) -> ReportKind:
    columns, heads = block.columns, " ".join(block.heading.cells).casefold()
    if Column.ACTION in columns:
        return ReportKind.TEAMS_LOG
    if Column.MEETING in columns or Column.DEVICE in columns:
        return ReportKind.WEBEX
    if Column.GUEST in columns or Column.WAITING in columns or "(original" in heads:
        return ReportKind.ZOOM
    is_parted = len(blocks) > 1 or any(_is_title(row) for row in block.above)
    if is_parted or {Column.FIRST_JOIN, Column.ACCOUNT, Column.ROLE} & columns.keys():
        return ReportKind.TEAMS
    return ReportKind.ZOOM if "user email" in heads else ReportKind.OTHER


def _is_title(row: Row) -> bool:
    return bool(row.cells) and row.cells[0][:3] in ("1. ", "2. ", "3. ")


def _people(block: Block, notes: list[str]) -> Iterator[Row]:
    """The rows of people, each long enough; who only waited or had registered was not there."""
    needed = _needed(block)
    waited = absent = 0
    for row in block.rows:
        if len(row.cells) <= needed:
            raise refused(_broken_off(block, row, needed))
        if block.cell(row, Column.WAITING).casefold() in YES:
            waited += 1
        elif block.cell(row, Column.ATTENDED).casefold() in NO:
            absent += 1
        else:
            yield row
    notes += _left_out(waited, "of the waiting room")
    notes += _left_out(absent, "of people who had registered but did not come")


YES = {"yes", "ja", "oui", "sí", "si", "sì", "kyllä", "áno", "tak"}
NO = {"no", "nein", "non", "ei"}


def _left_out(number: int, of: str) -> list[str]:
    verb = "is" if number == 1 else "are"
    return [f"{words.count(number, 'line')} {of} {verb} left out."] if number else []


def _needed(block: Block) -> int:
    """The place of the last column that each row must reach."""
    wanted = (Column.NAME, Column.JOIN, Column.FIRST_JOIN, Column.LEAVE, Column.LAST_LEAVE)
    places = (block.columns.get(c) for c in (*wanted, Column.ACTION, Column.STAMP))
    return max(place for place in places if place is not None)


def _broken_off(block: Block, row: Row, needed: int) -> str:
    return (
        f"Line {row.line:,} has {words.count(len(row.cells), 'column')}; at least {needed + 1} "
        f"were expected, as in the heading in line {block.heading.line:,}. The file seems "
        f"truncated, or was changed by hand. {AGAIN}"
    )


def _entry(block: Block, row: Row) -> Entry:
    name, email = block.cell(row, Column.NAME), _address(block, row)
    if not (name or email):
        raise refused(f"Line {row.line:,} names nobody: a name or an e-mail address was expected.")
    if Column.ACTION in block.columns:
        stamp = _stamp(block, row, Column.STAMP)
        comes = _comes(block.cell(row, Column.ACTION), row)
        return Entry(row.line, name, email, stamp if comes else None, None if comes else stamp)
    came = Column.JOIN if Column.JOIN in block.columns else Column.FIRST_JOIN
    went = Column.LEAVE if Column.JOIN in block.columns else Column.LAST_LEAVE
    return Entry(
        row.line,
        name,
        email,
        _stamp(block, row, came),
        _stamp(block, row, went) if block.cell(row, went) else None,
        duration_of(block.cell(row, Column.DURATION)),
    )


def _address(block: Block, row: Row) -> str:
    """Accounts of guests are no addresses they have: "anna_x.fi#EXT#@turku.example"."""
    for column in (Column.EMAIL, Column.ACCOUNT):
        value = block.cell(row, column).lower()
        if "@" in value and "#" not in value and " " not in value:
            return value
    return ""


def _stamp(block: Block, row: Row, column: Column) -> Stamp:
    text = block.cell(row, column)
    found = stamp_of(text)
    if found is None:
        title = _title(block, column)
        what = f"“{text[:40]}”" if text else "nothing"
        raise refused(f"Line {row.line:,}, “{title}”: {A_TIME} was expected, {what} was found.")
    return found


# How the words begin, folded; the longest that fits decides.
_CAME = """join beige beitr teil rejoin a_rejoin connect un se_un partecip accesso entr liitt delt
tilslut anslot anslut gick_med pripoj dolacz si_e_un ha_partecip ha_effettuato se_ha_un hat_teil
ist_bei"""
_WENT = """left leave verl hat_verl quitt a_quitt part a_part sort sal abandon ha_abandon ha_sal
se_ha_ido usc ha_abbandon abbandon e_usc poist forl har_forl lamn har_lamn odi odp opust opusc
wysz wyjsc"""


def _comes(action: str, row: Row) -> bool:
    said = folded(action)
    came, went = _likeness(said, _CAME), _likeness(said, _WENT)
    if came == went:
        what = f"“{action[:40]}”" if action else "nothing"
        raise refused(
            f"Line {row.line:,}: “Joined” or “Left” was expected as the action, {what} was found."
        )
    return came > went


def _likeness(said: str, beginnings: str) -> int:
    known = (each.replace("_", " ") for each in beginnings.split())
    return max((len(each) for each in known if said.startswith(each)), default=0)


def _with_addresses(entries: list[Entry], blocks: Sequence[Block]) -> list[Entry]:
    """Teams may list addresses only among the participants: by a name that one person has there."""
    if all(entry.email for entry in entries):
        return entries
    known: defaultdict[str, set[str]] = defaultdict(set)
    for block in blocks:
        for row in block.rows if Column.FIRST_JOIN in block.columns else ():
            known[folded(block.cell(row, Column.NAME))].add(_address(block, row))
    return [_addressed(e, known.get(folded(e.name), set())) for e in entries]


def _missing(entries: Sequence[Entry], blocks: Sequence[Block]) -> list[int]:
    """Teams lists everybody before their joinings: whoever has none of them was cut off."""
    joined_by = {folded(each.name) for each in entries} | {
        each.email for each in entries if each.email
    }
    return [
        row.line
        for block in blocks
        if Column.FIRST_JOIN in block.columns
        for row in block.rows
        if block.cell(row, Column.FIRST_JOIN)
        and joined_by.isdisjoint((folded(block.cell(row, Column.NAME)), _address(block, row)))
    ]


def _addressed(entry: Entry, known: set[str]) -> Entry:
    if entry.email or len(known) != 1:
        return entry
    return Entry(entry.line, entry.name, next(iter(known)), entry.joined, entry.left, entry.lasted)


# -- what it means -------------------------------------------------------------------------------


def read(report: Report, order: Order, zone: tzinfo) -> Reading:
    """Who was there and when, rejoins merged; what makes no sense is left out and named."""
    at = {stamp: stamp.instant(order, zone) for e in report.entries for stamp in e.stamps}
    end = max(at.values())
    people: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in report.entries:
        people[entry.who].append(entry)
    faults: dict[str, list[int]] = defaultdict(list)
    is_log = report.kind is ReportKind.TEAMS_LOG
    found = []
    for entries in people.values():
        stays = (_logged if is_log else _stays)(entries, order, zone, end, faults)
        spans = joined(stays)
        if spans:
            first = entries[0]
            found.append(Attendee(first.line, first.name, first.email, spans, len(stays)))
    return Reading(found, [*report.notes, *_said(faults)])


def _stays(
    entries: Sequence[Entry],
    order: Order,
    zone: tzinfo,
    end: datetime,
    faults: dict[str, list[int]],
) -> list[Span]:
    spans = []
    for entry in entries:
        if entry.joined is None:
            continue
        came = entry.joined.instant(order, zone)
        went = _end(entry, came, order, zone) or _note(faults, "open", entry, end)
        if went < came:
            _note(faults, "backwards", entry, end)
        else:
            spans.append((came, went))
    return spans


def _end(entry: Entry, came: datetime, order: Order, zone: tzinfo) -> datetime | None:
    if entry.left:
        return entry.left.instant(order, zone, after=came)
    return came + entry.lasted if entry.lasted is not None else None


def _note(faults: dict[str, list[int]], kind: str, entry: Entry, end: datetime) -> datetime:
    faults[kind].append(entry.line)
    return end


def _logged(
    entries: Sequence[Entry],
    order: Order,
    zone: tzinfo,
    end: datetime,
    faults: dict[str, list[int]],
) -> list[Span]:
    """From each coming to the next going; a second coming in between changes nothing."""
    moves = [(stamp.instant(order, zone), e) for e in entries for stamp in e.stamps]
    moves.sort(key=lambda move: (move[0], move[1].line))
    spans: list[Span] = []
    came: datetime | None = None
    last = entries[0]
    for at, entry in moves:
        if entry.joined:
            came, last = came or at, entry
        elif came is None:
            _note(faults, "unjoined", entry, end)
        else:
            spans.append((came, at))
            came = None
    if came is not None:
        spans.append((came, _note(faults, "open", last, end)))
    return spans


SENTENCES = {
    "missing": "names a participant of whom no joining follows, so they are left out: the file "
    "seems truncated",
    "backwards": "left before they joined, so it is left out",
    "unjoined": "says that somebody left who had not joined, so it is left out",
    "open": "does not say when they left: they count until the last time in the report",
}


def _said(faults: dict[str, list[int]]) -> Iterable[str]:
    for kind, lines in faults.items():
        shown = words.listed([f"{line:,}" for line in sorted(lines)[:MOST_SAID]])
        more = f" and {len(lines) - MOST_SAID:,} more" if len(lines) > MOST_SAID else ""
        yield f"{'Line' if len(lines) == 1 else 'Lines'} {shown}{more}: {SENTENCES[kind]}."


def refuse_elsewhen(reading: Reading, starts_at: datetime, ends_at: datetime, zone: str) -> None:
    """Refuse a report about other days than the event's."""
    if not reading.attendees:
        raise refused("No line says when somebody was there, so there is nothing to note.")
    early, late = starts_at - AROUND, ends_at + AROUND
    if any(a < late and b > early for each in reading.attendees for a, b in each.spans):
        return
    first = min(reading.attendees, key=lambda each: each.line)
    raise refused(
        f"The report is about {words.day_span(reading.first_at, reading.last_at, zone)} (line "
        f"{first.line:,} is of {words.day(first.spans[0][0], zone)}), but the event takes place on "
        f"{words.day_span(starts_at, ends_at, zone)}. Choose the report of this event."
    )
