import io
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select

from interact_events.core import clock
from interact_events.core.audit import AuditEntry
from interact_events.core.db import db
from interact_events.core.errors import DomainError
from interact_events.core.files import FileMissing, keeping, storage
from interact_events.core.jobs import run_queued
from interact_events.core.mail import MOST
from interact_events.core.outbox import MailState, OutboxMessage, as_email
from interact_events.events.models import Event, Mode
from interact_events.letters import actions, jobs, queries
from interact_events.letters.actions import LetterValues, NewFile, sending
from interact_events.letters.emails import Said
from interact_events.letters.models import Letter, LetterState
from interact_events.letters.rules import CONFIRMED, WRITABLE, Answered, Came, Group
from interact_events.registrations.actions import cancel_event
from interact_events.registrations.emails import join_address
from interact_events.registrations.models import Registration, SessionChoice, State
from tests import make
from tests.client import counted

pytestmark = pytest.mark.usefixtures("app")

ZOI = """Ζωή "Žižka" <b>O'Neil</b>"""
PDF = b"%PDF-1.7 agenda"


def new_file(name: str, content: bytes) -> NewFile:
    with keeping(actions.FOLDER, [io.BytesIO(content)]) as (stored,):
        return NewFile(stored, name)


def draft(event: Event, group: Group = CONFIRMED, **values: Any) -> Letter:
    said = {"subject": "News: {{ event }}", "text": "Dear {{ name }},\n\n**come**!"} | values
    files = [new_file(*file) for file in said.pop("files", [])]
    return actions.write_letter(
        event, LetterValues(group=group, **said), files, actor=make.member(), now=clock.now()
    )


def sent(event: Event, group: Group = CONFIRMED, **values: Any) -> Letter:
    letter = draft(event, group, **values)
    press(letter)
    jobs.send_letters()
    return letter


def press(letter: Letter, at: Any = None) -> bool:
    return actions.press_letter(
        letter, version=letter.version, at=at, actor=letter.created_by, now=clock.now()
    )


def people(event: Event, group: Group, now: datetime) -> list[Registration]:
    rows = list(db.session.scalars(queries.recipients(event, group, now)))
    assert queries.number_of_recipients(event, group, now) == len(rows)
    return rows


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def names() -> list[str]:
    return [mail.to_name for mail in mails()]


def kinds() -> list[str]:
    return [mail.kind for mail in mails()]


def recorded() -> list[str]:
    return list(db.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_letter_goes_to_each_of_the_group_once_however_often_it_is_pressed() -> None:
    event = make.event()
    for name in ("Anna", "Bo"):
        make.registration(event, make.user(name))
    make.registration(event, make.user("Waits"), State.WAITLISTED)
    letter = draft(event)
    assert press(letter)
    assert not press(letter)
    jobs.send_letters()
    jobs.post_letter(letter.id)
    assert names() == ["Anna", "Bo"]
    assert letter.state is LetterState.SENT
    assert mails()[0].subject == f"News: {event.title}"
    assert mails()[0].text == "Dear Anna,\n\n**come**!\n"
    assert "<strong>come</strong>" in mails()[0].html
    assert recorded() == ["letter written", "letter set to be sent", "letter sent"]


def test_a_letter_that_breaks_off_goes_on_with_those_who_have_no_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = make.event()
    for name in ("Anna", "Bo", "Cy"):
        make.registration(event, make.user(name))
    letter = draft(event)
    press(letter)
    monkeypatch.setattr(sending, "BATCH", 2)
    assert actions.post_letter(letter, now=clock.now())
    assert (names(), letter.state) == (["Anna", "Bo"], LetterState.WAITING)
    jobs.send_letters()
    assert (names(), letter.state) == (["Anna", "Bo", "Cy"], LetterState.SENT)
    assert letter.people == 3


def test_one_letter_that_fails_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    event = make.event()
    make.registration(event)
    first, second = draft(event), draft(event)
    for letter in (first, second):
        press(letter)
    db.session.commit()
    usual = actions.post_letter

    def breaks(letter: Letter, **named: Any) -> bool:
        if letter.id == first.id:
            raise RuntimeError
        return usual(letter, **named)

    with monkeypatch.context() as patch:
        patch.setattr(actions, "post_letter", breaks)
        jobs.send_letters()
    assert (first.state, second.state) == (LetterState.WAITING, LetterState.SENT)
    jobs.send_letters()
    assert len(mails()) == 2


def test_many_people_cost_few_statements(connection: Connection) -> None:
    event = make.event(capacity=50)
    make.registration(event)
    letter = draft(event)
    press(letter)
    with counted(connection) as one:
        actions.post_letter(letter, now=clock.now())
    for _ in range(4):
        make.registration(event)
    again = draft(event)
    press(again)
    db.session.commit()
    with counted(connection) as five:
        actions.post_letter(again, now=clock.now())
    assert len(mails()) == 6
    assert len(five) <= len(one) + 2  # the letter is read anew


def test_what_could_not_leave_for_days_is_stopped_and_says_so() -> None:
    event = make.event()
    make.registration(event)
    letter = draft(event)
    press(letter, clock.now() + timedelta(hours=1))
    assert not actions.post_letter(letter, now=clock.now() + timedelta(days=3, hours=1))
    assert (mails(), letter.state) == ([], LetterState.STOPPED)
    assert "too late" in letter.why_stopped


def test_of_a_letter_that_is_stopped_for_being_late_nothing_leaves_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    event = make.event()
    for name in ("Anna", "Bo", "Cy"):
        make.registration(event, make.user(name))
    letter = draft(event)
    press(letter)
    monkeypatch.setattr(sending, "BATCH", 2)
    assert actions.post_letter(letter, now=clock.now())
    mails()[0].state = MailState.SENT
    db.session.flush()
    assert not actions.post_letter(letter, now=clock.now() + timedelta(days=3))
    assert [(mail.state.value, mail.answer) for mail in mails()] == [
        ("sent", ""),
        ("cancelled", f"Not sent: {sending.TOO_LATE}"),
    ]


def test_a_name_brings_neither_markdown_nor_html() -> None:
    event = make.event(title="A *bold* [title](https://x.example) | _so_")
    person = make.user(f"{ZOI} **x** `y` ![z](http://q.example/i.png)")
    make.registration(event, person)
    sent(event, text="{{ name }} at {{ event }}:\n\n- {{ name }}\n\n# {{ event }}")
    html, text = mails()[0].html, mails()[0].text
    body = html.partition("<body")[2]
    assert "<b>" not in body
    assert "<img" not in body
    assert "<strong>" not in body
    assert "<em>" not in body
    assert "<code>" not in body
    assert "*bold*" in body
    assert "**x** `y`" in body
    assert text.startswith(f"{person.name} at {event.title}:")


def test_addresses_become_links_in_markdown_and_alone() -> None:
    event = make.event()
    row = make.registration(event)
    sent(event, text="See [your seat]({{ link }}) or {{ link }}.")
    address = f"http://localhost/my/registrations/{row.id}"
    html = mails()[0].html
    assert f'<a href="{address}" rel="noopener noreferrer">your seat</a>' in html
    assert f'<a href="{address}" rel="noopener noreferrer">{address}</a>.' in html


def test_conditions_see_plain_values() -> None:
    event = make.event()
    make.registration(event, make.user("A. B-C"))
    sent(event, text='{% if name == "A. B-C" %}yes{% else %}no{% endif %}')
    assert mails()[0].text == "yes\n"
    assert "<p>yes</p>" in mails()[0].html


def test_wrong_words_are_refused_with_their_line() -> None:
    event = make.event()
    with pytest.raises(DomainError, match=r"Line 3: there is no variable “nmae”") as refusal:
        draft(event, text="Dear\n\n{{ nmae }}")
    assert refusal.value.field == "text"
    with pytest.raises(DomainError, match="there is no variable “evnt”") as refusal:
        draft(event, subject="{{ evnt }}")
    assert refusal.value.field == "subject"
    with pytest.raises(DomainError, match="Choose at least one state"):
        draft(event, Group())


@pytest.mark.parametrize(
    "text",
    [
        "Hello{% for each in reason %}" + "x" * 19_000 + "{% endfor %}",
        "Hello{{ reason|join('" + "x" * 19_000 + "') }}",
    ],
)
def test_no_value_makes_a_text_explode(text: str) -> None:
    """Its sample is short, or nothing at all."""
    event = make.event()
    make.registration(event, reason="Please come. " * 200)
    sent(event, text=text)
    assert mails()[0].text.startswith("Hello")
    assert len(mails()[0].text) <= MOST + 1


def test_a_filter_takes_no_values_of_a_list() -> None:
    """Which it would take for other things, and more than there are in the sample."""
    with pytest.raises(DomainError, match="can’t be used here"):
        draft(make.event(), text="{{ sessions|join(*sessions) }}")


def test_the_group_is_that_of_the_instant_of_sending() -> None:
    event = make.event()
    make.registration(event, make.user("Early"))
    gone = make.registration(event, make.user("Gone"))
    letter = draft(event)
    press(letter, clock.now() + timedelta(hours=1))
    jobs.send_letters()
    assert (mails(), letter.state) == ([], LetterState.WAITING)
    gone.state = State.CANCELLED
    make.registration(event, make.user("Late"))
    letter.send_at = clock.now()
    jobs.send_letters()
    assert names() == ["Early", "Late"]


def test_the_past_and_what_somebody_changed_meanwhile_are_refused() -> None:
    letter = draft(make.event())
    with pytest.raises(DomainError, match="still to come"):
        press(letter, clock.now() - timedelta(minutes=1))
    version = letter.version
    values = LetterValues(subject="Other", text="Other", group=CONFIRMED)
    actions.edit_letter(letter, values, [], version=0, actor=letter.created_by, now=clock.now())
    with pytest.raises(DomainError, match="changed this letter meanwhile"):
        actions.press_letter(
            letter, version=version, at=None, actor=letter.created_by, now=clock.now()
        )


def test_what_has_not_left_is_stopped_and_counted() -> None:
    event = make.event()
    for name in ("Anna", "Bo", "Cy"):
        make.registration(event, make.user(name))
    letter = sent(event)
    mails()[0].state = MailState.SENT
    db.session.flush()
    assert actions.stop_letter(letter, actor=letter.created_by, now=clock.now()) == (2, 1)
    assert [mail.state.value for mail in mails()] == ["sent", "cancelled", "cancelled"]
    assert letter.state is LetterState.STOPPED
    with pytest.raises(DomainError):
        actions.stop_letter(letter, actor=letter.created_by, now=clock.now())


def test_a_stopped_letter_that_waited_is_never_sent() -> None:
    event = make.event()
    make.registration(event)
    letter = draft(event)
    press(letter, clock.now() + timedelta(hours=1))
    assert actions.stop_letter(letter, actor=letter.created_by, now=clock.now()) == (0, 0)
    actions.post_letter(letter, now=clock.now() + timedelta(hours=2))
    assert mails() == []


def test_a_letter_that_waits_is_dropped_when_the_event_is_cancelled() -> None:
    event = make.event()
    make.registration(event)
    letter = draft(event)
    press(letter, clock.now() + timedelta(hours=1))
    cancel_event(event, "The speaker is ill.", actor=make.member(), now=clock.now())
    actions.post_letter(letter, now=clock.now() + timedelta(hours=2))
    assert (letter.state, letter.why_stopped) == (
        LetterState.STOPPED,
        "the event was cancelled.",
    )
    sent(event)  # what is pressed afterwards is meant
    assert kinds() == ["registrations.event_cancelled", "letters.letter"]


def test_a_letter_that_is_leaving_goes_on_when_the_event_is_cancelled() -> None:
    event = make.event()
    make.registration(event)
    letter = draft(event)
    press(letter)
    cancel_event(event, "The speaker is ill.", actor=make.member(), now=clock.now())
    jobs.send_letters()
    assert letter.state is LetterState.SENT
    assert sorted(kinds()) == ["letters.letter", "registrations.event_cancelled"]


@pytest.mark.parametrize("secret", [State.CONFIRMED, State.WAITLISTED, State.DECLINED])
def test_a_selection_that_nobody_knows_of_does_not_leak(secret: State) -> None:
    event = make.event()
    row = make.registration(event, state=secret, told_at=clock.now() + timedelta(minutes=10))
    others = tuple(state for state in WRITABLE if state is not State.PENDING)
    now = clock.now()
    assert people(event, Group(states=others), now) == []
    assert people(event, Group(states=(State.PENDING,)), now) == [row]
    sent(event, Group(states=(State.PENDING,)), text="{{ state }} {{ has_seat }} {{ reason }}.")
    assert mails()[0].text == "application pending False .\n"
    later = now + timedelta(minutes=11)
    assert people(event, Group(states=(secret,)), later) == [row]


def test_groups_by_each_trait() -> None:
    event = make.event()
    person = make.user("Greek")
    make.profile(person, country_id=make.country("GR").id, programme_id=None)
    greek = make.registration(event, person, reconfirmed_at=clock.now())
    finn = make.registration(event, answer_by=clock.now() + timedelta(days=1))
    session = event.sessions[0]
    make.presence(finn, session)
    db.session.add(SessionChoice(registration_id=greek.id, session_id=session.id))
    db.session.flush()

    def found(**traits: Any) -> list[int]:
        group = replace(CONFIRMED, **traits)
        return [row.id for row in people(event, group, clock.now())]

    assert found() == [greek.id, finn.id]
    assert found(country=greek.country_id) == [greek.id]
    assert found(programme=finn.programme_id) == [finn.id]
    assert found(role=finn.role_id) == [greek.id, finn.id]
    assert found(role=0) == []
    assert found(session=session.id) == [greek.id]
    assert found(came=Came.YES) == [finn.id]
    assert found(came=Came.NO) == [greek.id]
    assert found(answered=Answered.NO) == [finn.id]
    assert found(answered=Answered.YES) == [greek.id]


def test_who_registered_again_is_counted_by_the_latest() -> None:
    event, person = make.event(), make.user("Anna")
    make.registration(event, person, State.CANCELLED)
    again = make.registration(event, person)
    both = Group(states=(State.CONFIRMED, State.CANCELLED))
    assert people(event, both, clock.now()) == [again]
    assert people(event, Group(states=(State.CANCELLED,)), clock.now()) == []


def test_newcomers_and_deleted_people_get_nothing() -> None:
    event = make.event()
    make.registration(event, state=State.UNCONFIRMED, upon_confirmation=State.CONFIRMED)
    make.registration(event, make.user(email="1@invalid"))
    assert people(event, Group(states=WRITABLE), clock.now()) == []


def test_only_who_has_a_seat_reads_the_link_to_join() -> None:
    event = make.event(mode=Mode.ONLINE, joining_url="https://meet.example/secret")
    seated = make.registration(event, make.user("Seated"))
    make.registration(event, make.user("Waits"), State.WAITLISTED)
    sent(event, Group(states=WRITABLE), text="Join: {{ joining_link }}.")
    assert [(mail.to_name, mail.text) for mail in mails()] == [
        ("Seated", f"Join: {join_address(seated)}.\n"),
        ("Waits", "Join: .\n"),
    ]


def test_each_reads_of_their_own_sessions() -> None:
    event = make.event()
    row = make.registration(event)
    make.registration(event)
    db.session.add(SessionChoice(registration_id=row.id, session_id=event.sessions[0].id))
    db.session.flush()
    sent(event, text="{% for each in sessions %}{{ each }}{% endfor %}!")
    first, second = (mail.text for mail in mails())
    assert first.startswith("What an auditor asks for (")
    assert second == "!\n"


def test_mails_say_whose_they_are_and_where_answers_go() -> None:
    event = make.event(contact_email="anna@interact.example")
    row = make.registration(event)
    sent(event)
    (mail,) = mails()
    assert (mail.event_id, mail.person_id) == (event.id, row.user_id)
    assert mail.reply_to == "anna@interact.example"


def test_a_test_goes_to_who_asks_for_it_and_is_no_mail_of_the_letter() -> None:
    event = make.event()
    letter, actor = draft(event), make.member(name="Tester")
    for _ in range(2):
        actions.send_test(letter, Said("News", "**a**"), actor=actor, now=clock.now())
    assert [(m.to_name, m.subject, m.event_id) for m in mails()] == [
        ("Tester", "Test: News", event.id)
    ] * 2
    assert queries.mails_by_state(letter) == {}


def test_files_are_kept_once_and_reach_each_mail() -> None:
    event = make.event()
    for _ in range(2):
        make.registration(event)
    letter = sent(event, files=[("agenda.pdf", PDF), ("Ζωή.txt", b"a")])
    assert len(queries.files_of(letter.id)) == 2
    for mail in mails():
        raw = as_email(mail, mail.words, "Events <events@interact.example>").content
        read = message_from_bytes(raw, policy=default)
        file, second = read.iter_attachments()
        assert (file.get_filename(), file.get_content_type()) == ("agenda.pdf", "application/pdf")
        assert file.get_content() == PDF
        assert second.get_filename() == "Ζωή.txt"
        assert "List-Unsubscribe" not in read


def test_a_mail_waits_as_long_as_a_file_of_it_is_missing() -> None:
    event = make.event()
    make.registration(event)
    letter = sent(event, files=[("agenda.pdf", PDF)])
    storage().remove(queries.files_of(letter.id)[0].stored_as)
    with pytest.raises(FileMissing):
        as_email(mails()[0], mails()[0].words, "Events <events@interact.example>")


def test_too_many_and_too_large_files_are_refused() -> None:
    event = make.event()
    with pytest.raises(DomainError, match="5 MB at most"):
        draft(event, files=[("a.pdf", b"%PDF-" + b"x" * 3_000_000)] * 2)
    with pytest.raises(DomainError, match="at most 10 files"):
        draft(event, files=[("a.pdf", PDF)] * 11)


def test_what_is_removed_leaves_the_storage(app: Flask) -> None:
    letter = draft(make.event(), files=[("a.pdf", PDF), ("b.pdf", PDF)])
    first, second = queries.files_of(letter.id)
    names = [first.stored_as, second.stored_as]
    actions.remove_file(first, letter, actor=letter.created_by, now=clock.now())
    assert [row.name for row in queries.files_of(letter.id)] == ["b.pdf"]
    actions.delete_letter(letter, actor=letter.created_by, now=clock.now())
    db.session.commit()
    run_queued(app)
    assert set(names) & {each.name for each in storage().listed(actions.FOLDER)} == set()


def test_files_that_no_row_names_are_swept_after_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    letter = draft(make.event(), files=[("a.pdf", PDF)])
    left = new_file("b.pdf", PDF).stored.name
    db.session.commit()
    jobs.sweep_letter_files()
    assert left in {each.name for each in storage().listed(actions.FOLDER)}
    later = clock.now() + timedelta(hours=25)
    monkeypatch.setattr(clock, "now", lambda: later)
    jobs.sweep_letter_files()
    there = {each.name for each in storage().listed(actions.FOLDER)}
    assert left not in there
    assert queries.files_of(letter.id)[0].stored_as in there


def test_what_is_on_its_way_is_neither_edited_nor_deleted() -> None:
    event = make.event()
    make.registration(event)
    letter = draft(event)
    press(letter)
    values = LetterValues(subject="Other", text="Other", group=CONFIRMED)
    with pytest.raises(DomainError, match="on its way"):
        actions.edit_letter(letter, values, [], version=0, actor=letter.created_by, now=clock.now())
    with pytest.raises(DomainError, match="on its way"):
        actions.delete_letter(letter, actor=letter.created_by, now=clock.now())
