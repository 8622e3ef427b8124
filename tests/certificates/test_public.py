import re
import time
import tracemalloc
import zlib
from datetime import timedelta
from hashlib import sha256
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import Connection
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from interact_events.accounts.models import Level
from interact_events.certificates import queries, rules
from interact_events.certificates.actions import new_code, revoke_certificate
from interact_events.certificates.models import Certificate
from interact_events.certificates.rules import ALPHABET, printed
from interact_events.core import clock
from interact_events.core.db import db
from tests import make
from tests.certificates.test_actions import ended_event, issue, participant
from tests.client import Client, counted


@pytest.fixture
def certificate(app: Flask) -> Certificate:
    event = ended_event(title='Cost options "in practice" <b>')
    issued = issue(participant(event, "Ζωή Žižka <b>O'Neil</b>"))
    assert issued
    return issued


def test_the_form_leads_to_the_code_however_typed(client: Client, certificate: Certificate) -> None:
    assert client.get("/certificates/verify").status_code == 200
    typed = f"  {printed(certificate.code).lower().replace('0', 'o').replace('1', 'l')} "
    answer = client.get("/certificates/verify", query_string={"code": typed})
    assert (answer.status_code, answer.location) == (
        302,
        f"/certificates/verify/{certificate.code}",
    )


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Type the code that is printed beside the QR code."),
        ("7Q4K-92MX", "A code has 20 letters and digits"),
        ("7Q4K-92MX-HD3T-0A1B-C2U3", "A code has 20 letters and digits"),
        ("7Q4K-92MX-HD3T-0A1B-C2D3", "check for a typing error"),
        ("../../my", "A code has 20 letters and digits"),
    ],
)
def test_the_form_says_what_is_wrong(client: Client, typed: str, words: str) -> None:
    answer = client.get("/certificates/verify", query_string={"code": typed})
    assert answer.status_code == 200
    assert words in answer.get_data(as_text=True)
    assert f'value="{typed}"' in answer.get_data(as_text=True)


def test_anybody_sees_what_was_printed(client: Client, certificate: Certificate) -> None:
    answer = client.get(f"/certificates/verify/{printed(certificate.code)}")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "This certificate is valid" in page
    facts = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))
    assert facts["Name"] == "<strong>Ζωή Žižka &lt;b&gt;O&#39;Neil&lt;/b&gt;</strong>"
    assert facts["Attended"] == "Cost options &#34;in practice&#34; &lt;b&gt; (workshop)"
    assert facts["Learning hours"] == "6 h of 6 h"
    assert facts["Institution"] == "Regional Council of Southwest Finland, Finland"
    assert certificate.sha256 in page
    assert certificate.registration.user.email not in page
    assert ".pdf" not in page


def test_the_page_and_file_stay_when_names_change(client: Client, certificate: Certificate) -> None:
    row = certificate.registration
    before = client.get(f"/certificates/verify/{certificate.code}").get_data(as_text=True)
    client.sign_in(row.user)
    file = client.get(f"/certificates/{certificate.code}.pdf").data
    row.user.name = row.user.certificate_name = "Somebody Else"
    row.event.title, row.event.starts_at = "Other", row.event.starts_at - timedelta(days=30)
    row.event.sessions[0].title = "Renamed"
    db.session.commit()
    assert client.get(f"/certificates/{certificate.code}.pdf").data == file
    assert sha256(file).hexdigest() == certificate.sha256
    stranger = client.application.test_client()
    after = stranger.get(f"/certificates/verify/{certificate.code}").get_data(as_text=True)
    main = re.compile(r"<main.*</main>", re.S)
    assert main.findall(after) == main.findall(before)


def test_an_unknown_code_is_unknown(client: Client) -> None:
    answer = client.get(f"/certificates/verify/{new_code()}")
    assert answer.status_code == 404
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "is unknown here" in answer.get_data(as_text=True)


def test_a_mistyped_code_asks_to_look_again(client: Client, certificate: Certificate) -> None:
    code = certificate.code
    other = ALPHABET[(ALPHABET.index(code[3]) + 1) % 32]
    answer = client.get(f"/certificates/verify/{code[:3]}{other}{code[4:]}")
    assert answer.status_code == 404
    assert "check for a typing error" in answer.get_data(as_text=True)


def test_guessing_is_limited(client: Client) -> None:
    codes = [client.get(f"/certificates/verify/{new_code()}").status_code for _ in range(11)]
    assert codes == [404] * 10 + [429]
    assert client.get("/certificates/verify").status_code == 200


def test_the_owner_downloads_the_stored_file(client: Client, certificate: Certificate) -> None:
    client.sign_in(certificate.registration.user)
    answer = client.get(f"/certificates/{certificate.code}.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.data == queries.file_of(certificate)
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=certificate-cost-options-in-practice-b-zoi-zizka-b-o-neil-b.pdf"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("level", list(Level))
def test_the_events_staff_download_it(
    client: Client, certificate: Certificate, level: Level
) -> None:
    client.sign_in(make.member(level=level))
    assert client.get(f"/certificates/{certificate.code}.pdf").status_code == 200


def test_nobody_else_downloads_it(client: Client, certificate: Certificate) -> None:
    address = f"/certificates/{certificate.code}.pdf"
    assert client.get(address).status_code == 302  # to the sign-in page
    neighbour = participant(certificate.registration.event, "Neighbour").user
    for person in (make.user(), neighbour, make.member("vienna", Level.LEAD)):
        client.sign_in(person)
        assert client.get(address).status_code == 404


def test_a_file_that_never_was_is_not_found(client: Client) -> None:
    client.sign_in(make.user())
    assert client.get(f"/certificates/{new_code()}.pdf").status_code == 404


def test_my_certificates_are_mine_newest_first(client: Client, certificate: Certificate) -> None:
    owner = certificate.registration.user
    newer = make.registration(event := ended_event(title="Audit trail"), owner)
    make.presence(newer, *event.sessions)
    issue(newer)
    issue(participant(event, "Somebody Else"))
    client.sign_in(owner)
    page = client.get("/my/certificates").get_data(as_text=True)
    titles = re.findall(r'data-label="Event"><strong>(.*?)</strong>', page)
    assert titles == ["Audit trail", "Cost options &#34;in practice&#34; &lt;b&gt;"]


def test_without_certificates_the_page_says_how_to_get_one(client: Client) -> None:
    client.sign_in(make.user())
    assert "No certificates yet" in client.get("/my/certificates").get_data(as_text=True)


def test_my_certificates_cost_the_same_for_three_as_for_one(
    client: Client, certificate: Certificate, connection: Connection
) -> None:
    owner = certificate.registration.user
    client.sign_in(owner)
    costs = []
    for _ in range(2):
        with counted(connection) as statements:
            client.get("/my/certificates")
        costs.append(len(statements))
        for title in ("Second", "Third"):
            event = ended_event(title=title)
            row = make.registration(event, owner)
            make.presence(row, *event.sessions)
            issue(row)
    assert costs[0] == costs[1]


# -- files and programs --------------------------------------------------------------------------


def drop(client: Client, content: bytes, name: str = "certificate.pdf") -> TestResponse:
    parts = {"csrf_token": client._token(), "pdf": FileStorage(BytesIO(content), name)}
    boundary, body = encode_multipart(parts)
    sent_as = f"multipart/form-data; boundary={boundary}"
    return client.post("/certificates/verify", data=body, content_type=sent_as)


def test_a_dropped_file_is_known_by_its_bytes(client: Client) -> None:
    certificate = issue(participant(ended_event()))
    assert certificate
    file = queries.file_of(certificate)
    same = drop(client, file)
    assert (same.status_code, "This certificate is valid" in same.text) == (200, True)
    assert "byte for byte, the one that was issued" in same.text
    for changed in (file + b"\n", file[:500] + b"x" + file[501:], file[:-20] + b"x" * 20):
        text = drop(client, changed).text
        assert "This file was changed" in text
        assert "This certificate is valid" not in text
    for other in (b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\0" * 1000):
        assert "This file is no certificate of ours" in drop(client, other).text
    revoke_certificate(certificate, reason="x", actor=make.member(), now=clock.now())
    assert "This certificate was revoked" in drop(client, file).text


def test_what_is_no_pdf_is_refused_beside_the_field(client: Client) -> None:
    assert "That is no PDF file" in drop(client, b"PK\x03\x04 a document", "a.docx").text
    assert "Choose the PDF file" in client.press("/certificates/verify").text
    large = drop(client, b"%PDF-1.7\n" + b"\0" * (30 * 1024 * 1024))
    assert (large.status_code, "more than 5 MB" in large.text) == (413, True)


BOMB = zlib.compress(b"\0" * 300_000_000, 9)  # nothing may blow it up
STREAM = b"1 0 obj\n<</Type/%b/Filter/FlateDecode/N 9/First 9/W[1 2 1]/Size 9/Length %d>>stream\n%b"


@pytest.mark.parametrize(
    "content",
    [
        STREAM % (b"ObjStm", len(BOMB), BOMB) + b"\nendstream\nendobj",
        STREAM % (b"XRef", len(BOMB), BOMB) + b"\nendstream\nendobj\nstartxref\n9\n%%EOF",
        b"1 0 obj " + b"[" * 2_000_000 + b"]" * 2_000_000,
        b"1 0 obj " + b"<</A" * 1_000_000 + b"\nstartxref\n9\n%%EOF",
        b"/ByteRange [0 1 1 1]" * 200_000,
        b"AAAA-" * 900_000,
    ],
)
def test_a_bomb_is_no_certificate_and_costs_little(client: Client, content: bytes) -> None:
    tracemalloc.start()
    began = time.process_time()
    answer = drop(client, b"%PDF-1.7\n" + content)
    took, (_, peak) = time.process_time() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "This file is no certificate of ours" in answer.text
    assert took < 10
    assert peak < 80_000_000


def test_programs_read_state_and_facts(client: Client) -> None:
    certificate = issue(participant(ended_event()))
    assert certificate
    address = f"/certificates/verify/{rules.printed(certificate.code)}.json"
    told = client.get(address).json
    assert told
    assert (told["state"], told["facts"]) == ("valid", certificate.facts)
    assert told["sha256"] == sha256(queries.file_of(certificate)).hexdigest()
    assert rules.from_json(told["facts"]) == rules.from_json(certificate.facts)
    revoke_certificate(certificate, reason="A secret", actor=make.member(), now=clock.now())
    ended = client.get(address)
    assert ended.json
    assert (ended.json["state"], "A secret" in ended.text) == ("revoked", False)
    unknown = client.get("/certificates/verify/AAAA.json")
    assert (unknown.status_code, unknown.json) == (404, {"state": "unknown"})
    assert unknown.headers["X-Robots-Tag"] == "noindex, nofollow"
