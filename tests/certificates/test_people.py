from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from interact_events.accounts.models import Level
from interact_events.attendance.queries import closing_of
from interact_events.certificates import queries, rules
from interact_events.certificates.actions import Draft, anew, ending
from interact_events.core import db as core_db
from interact_events.core.db import db
from interact_events.events.models import Event
from interact_events.registrations.models import Registration
from tests import make
from tests.certificates.stored import quickly_drawn, stored
from tests.certificates.test_actions import ended_event, issue, participant
from tests.client import Client
from tests.core.poppler import run


@pytest.fixture
def event(app: Flask) -> Event:
    return ended_event()


def address(row: Registration, rest: str = "") -> str:
    return f"/offices/turku/events/{row.event.slug}/certificates/people/{row.id}{rest}"


FORMS = ("/exception", "/replace", "/revoke")


def test_leads_decide_colleagues_look_and_others_find_nothing(client: Client, event: Event) -> None:
    row = participant(event)
    issue(row)
    client.sign_in(make.member(level=Level.LEAD))
    assert [client.get(address(row, rest)).status_code for rest in ("", *FORMS)] == [200] * 4
    for level in (Level.EDITOR, Level.VIEWER):
        client.sign_in(make.member(level=level))
        assert client.get(address(row)).status_code == 200
        for rest in (*FORMS, "/preview.pdf"):
            assert client.get(address(row, rest)).status_code == 403
        assert client.press(address(row, "/revoke"), reason="x").status_code == 403
    for person in (make.member("vienna", Level.LEAD), row.user):
        client.sign_in(person)
        for rest in ("", *FORMS, "/preview.pdf"):
            assert client.get(address(row, rest)).status_code == 404
    assert queries.valid_certificate_for(row)


def test_people_of_another_event_are_not_found(client: Client, event: Event) -> None:
    other = participant(ended_event())
    client.sign_in(make.member(level=Level.LEAD))
    page = f"/offices/turku/events/{event.slug}/certificates/people/{other.id}"
    assert [client.get(page + rest).status_code for rest in ("", *FORMS)] == [404] * 4


def test_a_preview_says_that_it_is_none(client: Client, event: Event, tmp_path: Path) -> None:
    row = participant(event, "Ζωή Žižka")
    client.sign_in(make.member(level=Level.LEAD))
    answer = client.get(address(row, "/preview.pdf"))
    assert answer.mimetype == "application/pdf"
    file = tmp_path / "preview.pdf"
    file.write_bytes(answer.data)
    text = run("pdftotext", file, "-")
    assert "Preview: this is not a certificate" in text
    assert "Ζωή Žižka" in text
    assert client.get(address(participant(event, sessions=0), "/preview.pdf")).status_code == 404


def test_a_misspelt_name_is_put_right_and_both_can_be_verified(
    client: Client, event: Event
) -> None:
    row = participant(event)
    old = issue(row)
    assert old
    client.sign_in(make.member(level=Level.LEAD))
    values = {"name": "Zoë <b>Žižka</b>", "role": "Controller", "institution": "Council"}
    values["certificate"] = old.code
    refused = client.press(address(row, "/replace"), **values)
    assert "Say why" in refused.text
    assert "Zoë &lt;b&gt;Žižka&lt;/b&gt;" in refused.text
    assert client.press(address(row, "/replace"), reason="Misspelt", **values).status_code == 303
    new = queries.valid_certificate_for(row)
    assert new
    page = client.get(address(row)).text
    assert (page.count(">Valid<"), page.count(">Replaced<")) == (1, 1)
    client.press("/sign-out")
    was, is_ = (client.get(f"/certificates/verify/{code}").text for code in (old.code, new.code))
    assert "This certificate was replaced" in was
    assert f"/certificates/verify/{new.code[:4]}-" in was
    assert "This certificate is valid" in is_
    assert "Misspelt" not in was + is_


def test_hours_are_taken_anew_only_while_nobody_changes_them(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ending, "drawn", quickly_drawn)
    row = participant(event)
    stored(row)
    client.sign_in(make.member(level=Level.LEAD))
    values = {"name": "Zoe", "role": "Auditor", "institution": "Council", "reason": "x"}
    for more in ({}, {"is_attendance_anew": "y"}):
        assert closing_of(event) is None
        answer = client.press(address(row, "/replace"), **values, **more)
        assert answer.status_code == 303
        values["name"] = "Zoë"
    assert closing_of(event)


def test_others_can_write_while_a_corrected_one_is_laid_out(
    client: Client, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_only = []

    def drawing(registration_id: int, facts: rules.Facts, *, now: datetime) -> Draft:
        reads_only.append(core_db._reads_only.get())
        return quickly_drawn(registration_id, facts, now=now)

    for module in (ending, anew):
        monkeypatch.setattr(module, "drawn", drawing)
    row = participant(event)
    old = stored(row)
    client.sign_in(make.member(level=Level.LEAD))
    values = {"name": "Zoë", "role": "Controller", "institution": "Council"}
    client.press(address(row, "/replace"), reason="x", certificate=old.code, **values)
    new = queries.valid_certificate_for(row)
    assert new
    assert new.replaces_id == old.id
    client.press(address(row, "/revoke"), reason="x", certificate=new.code)
    client.press(address(row, "/anew"))
    assert queries.valid_certificate_for(row)
    assert reads_only == [True, True]


def test_a_revoked_one_says_so_to_whoever_verifies_it(client: Client, event: Event) -> None:
    row = participant(event)
    certificate = issue(row)
    assert certificate
    client.sign_in(make.member(level=Level.LEAD))
    client.press(address(row, "/revoke"), certificate=certificate.code, reason="Issued by mistake")
    db.session.expire_all()
    assert client.get(address(row, "/revoke")).status_code == 404
    assert "Issued by mistake" in client.get(address(row)).text
    assert "Revoked (1)" in client.get(f"/offices/turku/events/{event.slug}/certificates").text
    client.sign_in(row.user)
    assert ">Revoked<" in client.get("/my/certificates").text
    client.press("/sign-out")
    page = client.get(f"/certificates/verify/{certificate.code}").text
    assert "This certificate was revoked" in page
    assert "Issued by mistake" not in page


def test_a_page_opened_before_another_one_ends_none_of_it(client: Client, event: Event) -> None:
    row = participant(event)
    old = issue(row)
    assert old
    client.sign_in(make.member(level=Level.LEAD))
    seen = {"certificate": old.code, "reason": "x", "role": "Controller", "institution": "Council"}
    for rest in ("/revoke", "/replace"):
        assert rules.printed(old.code) in client.get(address(row, rest)).text
    client.press(address(row, "/replace"), **seen, name="Zoë")
    new = queries.valid_certificate_for(row)
    assert new
    for rest in ("/revoke", "/replace"):
        late = client.press(address(row, rest), **seen, name="Zoe")
        assert "has been issued since you opened this page" in late.text
        assert f'value="{new.code}"' in late.text
    assert queries.valid_certificate_for(row) == new
    assert client.press(address(row, "/revoke"), **seen | {"certificate": new.code}).location
    last = client.press(address(row, "/revoke"), **seen)
    assert "no valid certificate any more" in client.get(last.location).text


def test_another_one_is_issued_after_a_revocation(client: Client, event: Event) -> None:
    row = participant(event)
    old = issue(row)
    assert old
    client.sign_in(make.member(level=Level.LEAD))
    assert client.get(address(row, "/anew")).status_code == 404
    client.press(address(row, "/revoke"), certificate=old.code, reason="Issued by mistake")
    assert f'{row.id}/anew"' in client.get(address(row)).text
    for person, status in ((make.member(), 403), (make.member("vienna", Level.LEAD), 404)):
        client.sign_in(person)
        assert client.press(address(row, "/anew")).status_code == status
    client.sign_in(make.member(level=Level.LEAD))
    assert "The one that was revoked stays revoked" in client.get(address(row, "/anew")).text
    assert client.press(address(row, "/anew")).status_code == 303
    page = client.get(address(row)).text
    assert (page.count(">Valid<"), page.count(">Revoked<")) == (1, 1)
    assert closing_of(event)


def test_who_has_no_claim_any_more_gets_no_other_one(client: Client, event: Event) -> None:
    row = participant(event)
    old = issue(row)
    assert old
    client.sign_in(make.member(level=Level.LEAD))
    client.press(address(row, "/revoke"), certificate=old.code, reason="Left at noon")
    make.presence_taken_back(row, event.sessions[1])
    page = client.get(address(row, "/anew")).text
    assert ("has not earned a certificate" in page, "Issue the certificate" in page) == (
        True,
        False,
    )
    assert "has not earned" in client.press(address(row, "/anew")).text
    assert queries.valid_certificate_for(row) is None


def test_an_exception_is_made_and_taken_back(client: Client, event: Event) -> None:
    row = participant(event, sessions=1)
    client.sign_in(make.member(level=Level.LEAD))
    client.press(address(row, "/exception"), gives="give", reason="Held a session <i>")
    index = f"/offices/turku/events/{event.slug}/certificates"
    assert "Exception: Held a session &lt;i&gt;" in client.get(index).text
    assert "Held a session &lt;i&gt;" in client.get(address(row, "/exception")).text
    client.press(address(row, "/exception/take-back"))
    assert "Exception" not in client.get(index).text
    assert "Choose one of those" in client.press(address(row, "/exception"), reason="x").text
