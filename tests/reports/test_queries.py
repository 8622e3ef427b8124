"""What an office's dashboard finds."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import Connection

from interact_events.certificates.models import Certificate
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event, EventState
from interact_events.registrations.models import State
from interact_events.reports.queries import Dashboard, dashboard, office_lines
from tests import make
from tests.client import counted


def ended(title: str = "Over", days_ago: float = 5) -> Event:
    return make.event(title, starts_at=make.days(-days_ago))


def attended(event: Event) -> None:
    """One more person who was at everything."""
    registration = make.registration(event)
    make.presence(registration, *event.agenda)


def certified(event: Event, minutes: int = 420) -> None:
    registration = make.registration(event)
    db.session.add(
        Certificate(
            registration_id=registration.id,
            code=f"{registration.id:020}",
            facts={"attended_minutes": minutes},
            sha256="0" * 64,
            holder_hash="0" * 64,
            issued_at=clock.now(),
            issued_by_id=registration.user_id,
        )
    )
    db.session.commit()


def turku() -> Dashboard:
    return dashboard(make.office("turku"), clock.now())


def test_dashboard_of_an_office_without_events_is_quiet(app: Flask) -> None:
    assert turku().is_quiet


def test_drafts_say_what_is_missing(app: Flask) -> None:
    make.event("Half done", state=EventState.DRAFT, summary="", contact_email="")
    (draft,) = turku().drafts.rows
    assert draft.event.title == "Half done"
    assert draft.missing[0] == "Write a summary: it is what people read first."


def test_applications_are_counted_by_event_the_longest_waiting_first(app: Flask) -> None:
    recent, old = make.event("Recent"), make.event("Old")
    make.registration(recent, state=State.PENDING)
    for days in (9, 3):
        make.registration(old, state=State.PENDING, submitted_at=make.days(-days))
    make.registration(old, state=State.CONFIRMED, submitted_at=make.days(-20))
    found = [(row.event.title, row.number) for row in turku().applications.rows]
    assert found == [("Old", 2), ("Recent", 1)]
    assert turku().applications.rows[0].oldest_at == make.days(-9)


def test_this_week_holds_what_runs_and_what_begins_within_seven_days(app: Flask) -> None:
    make.event("Running", starts_at=make.days(-1), ends_at=make.days(1))
    make.event("Soon", starts_at=make.days(6))
    make.event("Later", starts_at=make.days(8))
    make.event("Called off", starts_at=make.days(2), state=EventState.CANCELLED)
    ended()
    assert [event.title for event in turku().this_week.rows] == ["Running", "Soon"]


def test_closing_holds_registrations_that_end_within_seven_days(app: Flask) -> None:
    make.event("Closes", registration_closes_at=make.days(3))
    make.event("Closed", registration_closes_at=make.days(-1))
    make.event("Later", registration_closes_at=make.days(9))
    make.event("At the start")
    make.event("Not open", registration_opens_at=make.days(2), registration_closes_at=make.days(4))
    assert [event.title for event in turku().closing.rows] == ["Closes"]


def test_certificates_to_issue_count_those_who_reach_the_threshold(app: Flask) -> None:
    event = ended("To certify")
    attended(event)
    attended(event)
    make.registration(event)  # confirmed, but never seen
    (row,) = turku().to_certify.rows
    assert (row.event.title, row.people) == ("To certify", 2)


def test_certificates_are_not_to_issue_before_the_end_nor_twice(app: Flask) -> None:
    running = make.event("Running", starts_at=make.days(-1), ends_at=make.days(1))
    attended(running)
    done = ended("Done")
    attended(done)
    certified(done)
    assert turku().to_certify.rows == []


def test_certificates_are_not_to_issue_where_nobody_stayed_long_enough(app: Flask) -> None:
    event = ended("Half a day")
    make.session(event, "Afternoon", event.ends_at, event.ends_at + timedelta(hours=9))
    registration = make.registration(event)
    make.presence(registration, event.agenda[0])
    assert turku().to_certify.rows == []


def test_attendance_to_record_is_that_of_recent_events_without_any_tick(app: Flask) -> None:
    blank = ended("Blank", 3)
    make.registration(blank)
    ticked = ended("Ticked", 4)
    attended(ticked)
    ended("Nobody came", 5)
    long_ago = ended("Long ago", 40)
    make.registration(long_ago)
    assert [event.title for event in turku().to_record.rows] == ["Blank"]


def test_figures_are_of_coming_events_that_the_office_leads(app: Flask) -> None:
    event = make.event(capacity=2)
    for state in (State.CONFIRMED, State.CONFIRMED, State.WAITLISTED, State.PENDING):
        make.registration(event, state=state)
    make.registration(make.event("Vienna’s", office=make.office("vienna")))
    certified(ended(), minutes=90)
    certified(ended(), minutes=30)
    figures = turku().figures
    assert (figures.upcoming, figures.seats_taken, figures.waiting) == (1, 2, 1)
    assert figures.certified_minutes == 120


def test_dashboard_shows_what_the_office_helps_to_organise(app: Flask) -> None:
    event = make.event("Vienna’s", office=make.office("vienna"), starts_at=make.days(2))
    assert turku().this_week.rows == []
    event.co_organisers.append(make.office("turku"))
    db.session.commit()
    assert turku().this_week.rows == [event]


def test_dashboard_lists_ten_rows_and_says_that_there_are_more(app: Flask) -> None:
    for number in range(10):
        make.event(f"Draft {number}", state=EventState.DRAFT)
    assert (len(turku().drafts.rows), turku().drafts.has_more) == (10, False)
    make.event("One more", state=EventState.DRAFT)
    assert (len(turku().drafts.rows), turku().drafts.has_more) == (10, True)


def busy(times: int) -> None:
    """Something for every list, so many times."""
    for number in range(times):
        make.event(f"Draft {number}", state=EventState.DRAFT)
        applied = make.event(f"Applied {number}", registration_closes_at=make.days(2))
        make.registration(applied, state=State.PENDING)
        make.event(f"Soon {number}", starts_at=make.days(2))
        attended(ended(f"To certify {number}"))
        make.registration(ended(f"To record {number}"))


def test_dashboard_costs_the_same_for_one_row_and_for_three(
    app: Flask, connection: Connection
) -> None:
    busy(1)
    home = make.office()
    db.session.expire_all()
    with counted(connection) as for_one:
        dashboard(home, clock.now())
    busy(2)
    db.session.expire_all()
    with counted(connection) as for_three:
        found = dashboard(home, clock.now())
    assert [len(s.rows) for s in (found.drafts, found.applications, found.to_certify)] == [3, 3, 3]
    assert len(for_three) == len(for_one)


def test_office_lines_count_what_each_office_leads(app: Flask) -> None:
    make.event("Draft", state=EventState.DRAFT)
    event = make.event("Coming")
    make.registration(event)
    make.registration(event, state=State.PENDING)
    ended()
    lines = office_lines([make.office("turku"), make.office("vienna")], clock.now())
    assert [(o.office.code, o.drafts, o.pending, o.upcoming, o.seats_taken) for o in lines] == [
        ("turku", 1, 1, 1, 1),
        ("vienna", 0, 0, 0, 0),
    ]
