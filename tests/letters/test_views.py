"""Letters and reminders as staff see them, and as nobody else does."""

import io
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from interact_events.accounts.models import Level
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.core.jobs import run_queued
from interact_events.core.outbox import MailState, OutboxMessage
from interact_events.events.models import Event, EventState, Mode
from interact_events.letters import actions, jobs, queries
from interact_events.letters.actions import LetterValues
from interact_events.letters.models import Letter, LetterState
from interact_events.letters.rules import CONFIRMED, WRITABLE, Group
from interact_events.registrations.models import State
from tests import make
from tests.client import TOKEN, Client, counted
from tests.materials.samples import PDF, SAMPLES

GREEK = "Ζωή <b>Παπαδοπούλου</b>"
WORDS: dict[str, Any] = {"subject": "News: {{ event }}", "text": "Dear {{ name }},\n\n**come**!"}


@pytest.fixture
def event(app: Flask) -> Event:
    return make.event()


def address(event: Event, page: str = "/letters") -> str:
    return f"/offices/turku/events/{event.slug}{page}"


def draft(event: Event, group: Group = CONFIRMED, **words: str) -> Letter:
    values = LetterValues(group=group, **(WORDS | words))
    letter = actions.write_letter(event, values, [], actor=make.member(), now=clock.now())
    db.session.commit()
    return letter


def page_of(letter: Letter) -> str:
    return address(letter.event, f"/letters/{letter.id}")


def write(client: Client, event: Event, **fields: Any) -> TestResponse:
    where = address(event, "/letters/new")
    return client.press(where, page=where, **({"states": "confirmed"} | WORDS | fields))


def write_with(client: Client, event: Event, content: bytes, name: str) -> TestResponse:
    """As a browser sends a form with a file."""
    where = address(event, "/letters/new")
    token = TOKEN.search(client.get(where).text)
    sent: dict[str, Any] = {"states": "confirmed", "csrf_token": token.group(1) if token else ""}
    file = FileStorage(io.BytesIO(content), name)
    boundary, body = encode_multipart(sent | WORDS | {"files": [file]})
    kind = f"multipart/form-data; boundary={boundary}"
    return client.post(where, data=body, content_type=kind)


def letters() -> list[Letter]:
    return list(db.session.scalars(select(Letter).order_by(Letter.id)))


def mails() -> list[OutboxMessage]:
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


# -- who -----------------------------------------------------------------------------------------

PAGES = ["/letters", "/letters/new", "/letters/{}", "/letters/{}/edit", "/reminders"]
PAGES += ["/reminders/new", "/reminders/thanks"]
PRESSES = ["/letters/new", "/letters/{}/edit", "/letters/{}/delete", "/letters/{}/send"]
PRESSES += ["/letters/{}/send-later", "/letters/{}/test", "/letters/{}/stop"]
PRESSES += ["/letters/{}/files/1/remove", "/reminders/new", "/reminders/thanks"]
PRESSES += ["/reminders/thanks/reset"]


def test_only_editors_of_the_office_and_of_co_organisers_write(
    client: Client, event: Event
) -> None:
    letter = draft(event)
    event.co_organisers.append(make.office("vienna"))
    db.session.commit()
    where = [address(event, page.format(letter.id)) for page in PAGES]
    assert {client.get(each).status_code for each in where} == {302}
    for person, status in (
        (make.user(), 404),
        (make.member("valencia"), 404),
        (make.member(level=Level.VIEWER), 403),
        (make.member("vienna"), 200),
        (make.member(), 200),
    ):
        client.sign_in(person)
        assert {client.get(each).status_code for each in where} == {status}


@pytest.mark.parametrize("press", PRESSES)
def test_nobody_else_presses_anything(client: Client, event: Event, press: str) -> None:
    letter = draft(event)
    where = address(event, press.format(letter.id))
    for person, status in (
        (make.user(), 404),
        (make.member("vienna"), 404),
        (make.member(level=Level.VIEWER), 403),
    ):
        client.sign_in(person)
        assert client.press(where, page="/my/settings").status_code == status
    assert [each.state for each in letters()] == [LetterState.DRAFT]
    assert mails() == []


def test_a_letter_of_another_event_is_not_found(client: Client, event: Event) -> None:
    letter = draft(make.event())
    client.sign_in(make.member())
    assert client.get(address(event, f"/letters/{letter.id}")).status_code == 404
    assert client.press(address(event, f"/letters/{letter.id}/send")).status_code == 404
    assert client.get(address(event, "/reminders/none")).status_code == 404


# -- writing -------------------------------------------------------------------------------------


def test_a_letter_is_written_looked_at_and_sent_once(client: Client, event: Event) -> None:
    row = make.registration(event, make.user(GREEK))
    client.sign_in(make.member())
    assert write(client, event).status_code == 303
    (letter,) = letters()
    text = client.get(page_of(letter)).text
    assert "Send to 1 person" in text
    assert "As Ζωή &lt;b&gt;Παπαδοπούλου&lt;/b&gt; reads it" in text
    assert "<strong>come</strong>" in text
    for _ in range(2):
        client.press(f"{page_of(letter)}/send", page=page_of(letter), version=letter.version)
    run_queued(client.application)
    assert [mail.person_id for mail in mails()] == [row.user_id]
    assert "To 1 person, " in client.get(address(event)).text
    assert "<strong>1</strong> waiting" in client.get(page_of(letter)).text
    assert f"News: {event.title}" in client.get(address(event, f"/messages/{mails()[0].id}")).text


def test_who_got_it_finds_it_among_their_messages(client: Client, event: Event) -> None:
    row = make.registration(event)
    letter = draft(event)
    actions.press_letter(letter, version=0, at=None, actor=letter.created_by, now=clock.now())
    jobs.send_letters()
    (mail,) = mails()
    mail.state, mail.sent_at = MailState.SENT, clock.now()
    mail.sent_subject, mail.sent_text, mail.sent_html = mail.words
    db.session.commit()
    client.sign_in(row.user)
    assert f"News: {event.title}" in client.get("/my/messages").text
    assert "**come**!" in client.get(f"/my/messages/{mail.id}").text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": "a\n{{ nmae }}"}, "Text: Line 2: there is no variable “nmae”."),
        ({"subject": "{{ event.title }}"}, "Subject: Line 1: “.title” can’t be used here."),
        ({"text": "{{ name * 9 }}"}, "Text: Line 1: this can’t be used here."),
        ({"text": "{% if name %}"}, "Text: Line 1: something is not closed"),
        ({"subject": "{% if false %}a{% endif %}"}, "Subject: "),
        ({"subject": ""}, "Subject: Write a subject."),
        ({"states": []}, "Where their registration stands: Choose at least one state."),
        ({"role": "99"}, "Role: Choose one of those on offer."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: Client, event: Event, fields: dict[str, Any], says: str
) -> None:
    client.sign_in(make.member())
    answer = write(client, event, **({"text": "What I have typed"} | fields))
    assert says in unescape(answer.text)
    assert fields.get("text", "What I have typed") in unescape(answer.text)
    assert letters() == []


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("trap.pdf", b"MZ\x90\0", "its content is of another kind"),
        ("run.exe", b"MZ\x90\0", "attached: files of that type are not taken"),
        ("many.zip", SAMPLES["zip"], "many mail servers refuse a ZIP archive"),
        ("film.mp4", SAMPLES["mp4"], "many mail servers refuse a Video"),
        ("large.pdf", b"%PDF-" + b"x" * 20_000_000, "5 MB at most"),
    ],
)
def test_files_that_can_not_be_mailed_are_refused(
    client: Client, event: Event, name: str, content: bytes, says: str
) -> None:
    client.sign_in(make.member())
    answer = write_with(client, event, content, name)
    assert says in answer.text
    assert letters() == []


def test_what_is_far_too_large_is_taken_in_so_that_the_browser_shows_the_answer(
    client: Client, event: Event
) -> None:
    client.sign_in(make.member())
    where = address(event, "/letters/new")
    sent = io.BytesIO(b"x" * 27_500_000)
    kind = "multipart/form-data; boundary=b"
    answer = client.post(
        where, input_stream=sent, content_type=kind, content_length=len(sent.getvalue())
    )
    assert answer.status_code == 303
    assert sent.read() == b""
    assert "That was more than 25 MB at once." in client.get(address(event)).text


def test_files_are_attached_and_taken_off(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    write_with(client, event, PDF, "../Übersicht.pdf")
    (letter,) = letters()
    assert "Übersicht.pdf (" in client.get(page_of(letter)).text
    (file,) = queries.files_of(letter.id)
    edit = f"{page_of(letter)}/edit"
    fields = WORDS | {"states": "waitlisted", "text": "Other", "version": "0"}
    again = client.press(edit, page=edit, **fields)
    assert again.status_code == 303
    assert letter.meant.states == (State.WAITLISTED,)
    assert len(queries.files_of(letter.id)) == 1
    remove = f"{page_of(letter)}/files/{file.id}/remove"
    client.press(remove, page=edit)
    assert queries.files_of(letter.id) == []
    assert client.press(remove).status_code == 404


def test_what_the_group_has_chosen_stays_on_offer(client: Client, event: Event) -> None:
    """Although nobody at the event has it any more."""
    role, country = make.role("AA"), make.country("GR")
    session = event.sessions[0]
    group = Group(
        states=WRITABLE, role=role.id, country=country.id, session=session.id, programme=10**9
    )
    letter = draft(event, group)
    client.sign_in(make.member())
    assert "session “What an auditor asks for”" in client.get(page_of(letter)).text
    edit = f"{page_of(letter)}/edit"
    text = client.get(edit).text
    assert f'<option selected value="{country.id}">Greece</option>' in text
    assert f'<option selected value="{10**9}">No longer at this event</option>' in text


# -- sending -------------------------------------------------------------------------------------


def test_it_is_sent_later_on_the_clocks_of_the_event(client: Client, event: Event) -> None:
    letter = draft(event)
    client.sign_in(make.member())
    at = clock.to_local(make.days(10), event.zone).replace(hour=9)
    where = f"{page_of(letter)}/send-later"
    for wrong, says in (
        ("", "Give a day and a time."),
        ("2020-01-01T09:00", "Choose an instant that is still to come"),
        ("x", "Give a day and a time, like 2027-05-12 and 09:00."),
        ("2027-03-28T03:30", "clocks"),
    ):
        answer = client.press(where, page=page_of(letter), version=0, at=wrong)
        assert says in answer.text
    assert letters()[0].state is LetterState.DRAFT
    client.press(where, page=page_of(letter), version=0, at=f"{at:%Y-%m-%dT%H:%M}")
    assert letters()[0].send_at == at
    assert "Until then you can stop it." in client.get(page_of(letter)).text
    client.press(f"{page_of(letter)}/stop", page=page_of(letter))
    assert "Stopped: nobody gets it." in client.get(page_of(letter)).text
    assert letters()[0].state is LetterState.STOPPED


@pytest.mark.parametrize("version", ["1", "-1", "", "x"])
def test_what_was_changed_since_the_look_is_not_sent(
    client: Client, event: Event, version: str
) -> None:
    letter = draft(event)
    client.sign_in(make.member())
    client.press(f"{page_of(letter)}/send", page=page_of(letter), version=version)
    assert "Somebody has changed this letter meanwhile." in client.get(page_of(letter)).text
    assert letters()[0].state is LetterState.DRAFT


def test_a_letter_to_nobody_is_not_sent_now(client: Client, event: Event) -> None:
    letter = draft(event)
    client.sign_in(make.member())
    assert f'{page_of(letter)}/send"' not in client.get(page_of(letter)).text
    client.press(f"{page_of(letter)}/send", page=page_of(letter), version=0)
    assert "Nobody is in this group now." in client.get(page_of(letter)).text
    assert letters()[0].state is LetterState.DRAFT


def test_links_of_the_page_that_refuses_an_instant_lead_to_the_letter(
    client: Client, event: Event
) -> None:
    row = make.registration(event)
    letter = draft(event)
    client.sign_in(make.member())
    answer = client.press(f"{page_of(letter)}/send-later", page=page_of(letter), version=0, at="")
    assert f"{page_of(letter)}/send-later?to={row.id}" in unescape(answer.text)
    answer = client.get(f"{page_of(letter)}/send-later?to={row.id}")
    assert answer.location == f"{page_of(letter)}?to={row.id}"


def test_what_a_colleague_wrote_is_replaced_only_on_purpose(client: Client, event: Event) -> None:
    letter = draft(event)
    client.sign_in(make.member())
    edit = f"{page_of(letter)}/edit"
    mine, theirs = ({"states": "confirmed"} | WORDS | {"text": each} for each in ("Mine", "Theirs"))
    client.press(edit, page=edit, version=0, **theirs)
    answer = client.press(edit, page=edit, version=0, **mine)
    assert "Somebody has changed this letter since you opened it." in answer.text
    assert ">\r\nMine</textarea>" in answer.text
    assert letters()[0].text == "Theirs"
    assert 'name="version" type="hidden" value="1"' in answer.text
    assert client.press(edit, page=edit, version=1, **mine).status_code == 303
    assert letters()[0].text == "Mine"


def test_who_saves_after_it_was_sent_is_told_that_nothing_is_saved(
    client: Client, event: Event
) -> None:
    make.registration(event)
    letter = draft(event)
    client.sign_in(make.member())
    client.press(f"{page_of(letter)}/send", page=page_of(letter), version=0)
    edit = f"{page_of(letter)}/edit"
    client.press(edit, page=page_of(letter), version=0, states="confirmed", **WORDS)
    assert "what you have typed is not saved" in client.get(page_of(letter)).text


def test_a_stopped_letter_lists_nobody_who_gets_it(client: Client, event: Event) -> None:
    make.registration(event)
    letter = draft(event)
    client.sign_in(make.member())
    client.press(
        f"{page_of(letter)}/send-later", page=page_of(letter), version=0, at="2099-01-01T09:00"
    )
    assert "Who gets it" in client.get(page_of(letter)).text
    client.press(f"{page_of(letter)}/stop", page=page_of(letter))
    assert "Who gets it" not in client.get(page_of(letter)).text


def test_the_tab_of_the_event_is_marked_on_letters_and_reminders(
    client: Client, event: Event
) -> None:
    client.sign_in(make.member())
    for end in ("/letters/new", "/reminders/new", "/reminders"):
        text = client.get(address(event, end)).text
        marked = text.split('aria-label="Event"')[1].split("</nav>")[0]
        assert marked.split('aria-current="true">')[1].startswith("Letters<")


def test_a_draft_of_an_event_has_nobody_to_write_to(client: Client) -> None:
    letter = draft(make.event(state=EventState.DRAFT))
    client.sign_in(make.member())
    text = client.get(page_of(letter)).text
    assert ("Publish it, then send" in text, "Send it later" in text) == (True, False)
    client.press(f"{page_of(letter)}/send", page=page_of(letter), version=0)
    assert "Publish the event first" in client.get(page_of(letter)).text


def test_staff_do_not_read_a_persons_own_way_to_join(client: Client) -> None:
    """Whoever uses it is noted as them."""
    event = make.event(mode=Mode.ONLINE, joining_url="https://meet.example/")
    make.registration(event)
    letter = draft(event, text="Join: {{ joining_link }}")
    client.sign_in(make.member())
    text = client.get(page_of(letter)).text
    assert ("Join: [personal link]" in text, "/join/" in text) == (True, False)


def test_a_test_goes_to_who_presses_as_the_person_on_the_page_reads_it(
    client: Client, event: Event
) -> None:
    make.registration(event, make.user("Anna"))
    row = make.registration(event, make.user("Bo"))
    letter, staff = draft(event), make.member()
    client.sign_in(staff)
    where = f"{page_of(letter)}/test?to={row.id}"
    client.press(where, page=page_of(letter))
    (mail,) = mails()
    assert (mail.to_address, mail.text) == (staff.email, "Dear Bo,\n\n**come**!\n")
    assert letters()[0].is_draft


def test_a_draft_is_deleted(client: Client, event: Event) -> None:
    letter = draft(event)
    client.sign_in(make.member())
    client.press(f"{page_of(letter)}/delete", page=page_of(letter))
    assert letters() == []
    assert "The draft is deleted." in client.get(address(event)).text


# -- many ----------------------------------------------------------------------------------------


def test_people_are_listed_in_pages_and_found_by_name(client: Client, event: Event) -> None:
    names = [f"Person {n:02}" for n in range(52)]
    rows = [
        make.registration(event, make.user(each, email=f"{n}@many.example"))
        for n, each in enumerate(names)
    ]
    letter = draft(event)
    client.sign_in(make.member())
    first = client.get(page_of(letter)).text
    assert "Send to 52 people" in first
    assert ("Person 49" in first, "Person 50" in first) == (True, False)
    assert "Person 51" in client.get(f"{page_of(letter)}?page=2").text
    found = client.get(f"{page_of(letter)}?q=person+51&to={rows[51].id}").text
    assert "As Person 51 reads it" in found
    assert "Send to 52 people" in found
    assert "Person 01" not in found
    assert "Nobody matches" in client.get(f"{page_of(letter)}?q=nobody").text


def test_pages_cost_the_same_for_one_and_three(
    client: Client, event: Event, connection: Connection
) -> None:
    make.registration(event)
    letter = draft(event)
    client.sign_in(make.member())
    pages = [address(event), page_of(letter), f"{page_of(letter)}/edit"]
    pages += [address(event, "/reminders"), address(event, "/reminders/thanks")]
    costs = []
    for _ in range(2):
        for page in pages:
            client.get(page)
            with counted(connection) as statements:
                client.get(page)
            costs.append(len(statements))
        for number in range(2):
            make.registration(event)
            draft(event)
            own = queries.reminders_of(event)[0]
            actions.save_reminder(
                event,
                type(own)(**(vars(own) | {"key": f"own-{number}"})),
                actor=letter.created_by,
                now=clock.now(),
            )
    assert costs[:5] == costs[5:]
    assert max(costs) <= 24


# -- reminders -----------------------------------------------------------------------------------

REMINDER = {
    "name": "Slides",
    "is_on": "y",
    "days": "2",
    "side": "after",
    "anchor": "end",
    "at": "08:30",
    "states": "confirmed",
    "subject": "Slides of {{ event }}",
    "text": "Dear {{ name }}",
}


def test_a_reminder_is_added_changed_and_deleted(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    new = address(event, "/reminders/new")
    assert client.press(new, page=new, **REMINDER).status_code == 303
    assert "2 days after the event ends, at 08:30" in client.get(address(event, "/reminders")).text
    own = queries.reminders_of(event)[-1]
    edit = address(event, f"/reminders/{own.key}")
    client.press(edit, page=edit, **(REMINDER | {"days": "0", "side": "before"}))
    assert (
        "On the day, before the event ends, at 08:30"
        in client.get(address(event, "/reminders")).text
    )
    client.press(f"{edit}/reset", page=edit)
    assert client.get(edit).status_code == 404


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": "a\n\n{{ nmae }}"}, "Text: Line 3: there is no variable “nmae”."),
        ({"days": "61"}, "Days: Give a number from 0 to 60."),
        ({"days": "x"}, "Days: Give a whole number."),
        ({"at": "25:00"}, "At: Give a time, like 09:00."),
        ({"anchor": "never"}, "What: Choose one of those on offer."),
        ({"name": ""}, "Name: Give it a name."),
    ],
)
def test_a_wrong_reminder_is_refused_and_kept_on_the_page(
    client: Client, event: Event, fields: dict[str, str], says: str
) -> None:
    client.sign_in(make.member())
    new = address(event, "/reminders/new")
    text = unescape(client.press(new, page=new, **(REMINDER | fields)).text)
    assert says in text
    assert "Slides of {{ event }}" in text
    assert len(queries.reminders_of(event)) == 3


def test_the_list_says_what_becomes_of_each(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    text = client.get(address(event, "/reminders")).text
    assert "3 days before the event starts, at 09:00" in text
    assert "Goes out on " in text
    assert "Would go out on " in text
    event.starts_at = clock.now() - timedelta(hours=1)
    db.session.commit()
    assert "Not sent: its time was over on " in client.get(address(event, "/reminders")).text
    event.starts_at = clock.now() + timedelta(hours=10)
    db.session.commit()
    assert "Due now, but there is nobody to tell." in client.get(address(event, "/reminders")).text
    make.registration(event)
    jobs.send_reminders()
    assert "Sent to 1 person." in client.get(address(event, "/reminders")).text


def test_reminders_of_a_cancelled_event_are_read_and_not_changed(
    client: Client, event: Event
) -> None:
    event.state = EventState.CANCELLED
    client.sign_in(make.member())
    listed = address(event, "/reminders")
    assert "stay as they were" in client.get(listed).text
    assert "Add a reminder" not in client.get(listed).text
    for page in ("/reminders/new", "/reminders/thanks", "/reminders/thanks/reset"):
        client.press(address(event, page), page="/my/settings", **REMINDER)
        assert "This event is cancelled, so it stays as it is." in client.get(listed).text
    assert queries.rule_of(event, "thanks") is None
    assert len(queries.reminders_of(event)) == 3


def test_the_list_says_why_a_reminder_never_goes_out(client: Client, event: Event) -> None:
    client.sign_in(make.member())
    new = address(event, "/reminders/new")
    start = {"side": "before", "anchor": "start", "days": "0", "at": "23:59"}
    client.press(new, page=new, **(REMINDER | start))
    client.press(new, page=new, **(REMINDER | {"anchor": "opening"}))
    text = client.get(address(event, "/reminders")).text
    assert "Not sent: 23:59 on that day is after the event starts." in text
    assert "Not sent: no day is set on which registration opens." in text


def test_the_mails_of_one_letter_are_counted_in_words_and_found(
    client: Client, event: Event, app: Flask
) -> None:
    for name in ("Anna", "Bo"):
        make.registration(event, make.user(name))
    client.sign_in(make.member())
    for subject in ("First", "Second"):
        letter = draft(event, subject=subject)
        client.press(f"{page_of(letter)}/send", page=page_of(letter), version=0)
        assert "Leaves now" in client.get(page_of(letter)).text
        assert "Leaves now" in client.get(address(event)).text
        run_queued(app)
    first, _ = letters()
    mails()[0].state = MailState.CANCELLED
    text = client.get(page_of(first)).text
    assert "<strong>1</strong> waiting, <strong>1</strong> not sent" in text
    listed = address(event, f"/messages?letter={first.id}")
    assert listed in text
    text = client.get(listed).text
    assert "2 mails, newest first" in text
    assert f'name="letter" value="{first.id}"' in text
    assert "4 mails" in client.get(address(event, "/messages")).text
    assert "No mail matches" in client.get(address(event, "/messages?letter=%25")).text


def test_lists_and_samples_name_the_event_itself_and_nobody(client: Client, event: Event) -> None:
    letter = draft(event, subject="{{ name }}: {{ event }}")
    client.sign_in(make.member())
    title = f"…: {event.title}"
    assert f">{title}</a>" in unescape(client.get(address(event)).text)
    make.registration(event, make.user("Anna"))
    text = unescape(client.get(page_of(letter)).text)
    assert f"<h2>{title}</h2>" in text
    assert f"Anna: {event.title}" in text
    said = unescape(client.get(address(event, "/reminders/thanks")).text)
    assert f"<strong>Thank you for coming: {event.title}</strong>" in said
