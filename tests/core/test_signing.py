import asyncio
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from asn1crypto.cms import CMSAttributes
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from pyhanko.sign.signers import SimpleSigner

from interact_events.config import SettingError
from interact_events.core import clock, signing
from interact_events.core.errors import DomainError
from interact_events.core.pdf import lay_out, write
from tests.conftest import settings_for
from tests.pdf import signed_part
from tests.processes import CONTEXT

PAGE = '<html lang="en"><title>A page</title><meta name="description" content="On time"><p>Text'


@pytest.fixture(scope="module")
def page() -> bytes:
    return write(lay_out(PAGE, "css/pdf/certificate.css"))


def pem(
    common_name: str, *, days: int = 365, other: bool = False, key: rsa.RSAPrivateKey | None = None
) -> bytes:
    """A key and its certificate, or that of another key."""
    mine = key or ec.generate_private_key(ec.SECP256R1())
    of = ec.generate_private_key(ec.SECP256R1()) if other else mine
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(of.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1000))
        .not_valid_after(now + timedelta(days=days))
        .sign(of, hashes.SHA256())
    )
    return mine.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)


def load(folder: Path, held: bytes, name: str = "key.pem") -> signing.Seal:
    (folder / name).write_bytes(held)
    settings = settings_for(folder, "sqlite://", signing_key=folder / name)
    return signing.load(settings)


# -- signing -------------------------------------------------------------------------------------


def test_another_reader_finds_the_signature_valid(app: Flask, page: bytes, tmp_path: Path) -> None:
    file = tmp_path / "signed.pdf"
    file.write_bytes(signing.sign(page, reason="To try", now=clock.now()))
    told = subprocess.run(["pdfsig", file], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told
    assert "Interact Events (self-signed)" in told
    assert b"/StructTreeRoot" in file.read_bytes()


def test_signing_works_where_an_event_loop_is_running(app: Flask, page: bytes) -> None:
    async def signed() -> bytes:
        with app.app_context():
            return signing.sign(page, reason="To try", now=clock.now())

    with ThreadPoolExecutor() as thread:  # in this one a browser's loop may be running
        found = thread.submit(lambda: asyncio.run(signed())).result()
    assert signed_part(found) == found


def test_what_was_signed_is_found_whole_and_after_additions(app: Flask, page: bytes) -> None:
    signed = signing.sign(page, reason="To try", now=clock.now())
    assert signed_part(signed) == signed
    assert signed_part(signed + b"\n% added by somebody\n") == signed


def test_what_is_prepared_is_what_the_library_would_have_made(tmp_path: Path) -> None:
    """With RSA the same digest always gives the same signature, so all bytes can be compared."""
    prepared = load(tmp_path, pem("Office", key=rsa.generate_private_key(65537, 2048))).signer
    usual = SimpleSigner(prepared.signing_cert, prepared.signing_key, prepared.cert_registry)
    for digest in (sha256(b"one").digest(), sha256(b"another").digest()):
        expected = signed_by(usual, digest).dump()
        assert signed_by(prepared, digest) == expected


def test_two_that_sign_first_at_once_both_sign_what_they_were_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second one comes while the first prepares what all signatures have in common."""
    prepared = load(tmp_path, pem("Office", key=rsa.generate_private_key(65537, 2048))).signer
    usual = SimpleSigner(prepared.signing_cert, prepared.signing_key, prepared.cert_registry)
    one, another = sha256(b"one").digest(), sha256(b"another").digest()
    expected = [signed_by(usual, digest).dump() for digest in (one, another)]
    dump, meanwhile = CMSAttributes.dump, list[bytes]()

    def interrupted(attributes: CMSAttributes, force: bool = False) -> bytes:
        if not meanwhile:
            meanwhile.append(b"")
            meanwhile[0] = signed_by(prepared, another)
        return bytes(dump(attributes, force))

    monkeypatch.setattr(CMSAttributes, "dump", interrupted)
    assert [signed_by(prepared, one), *meanwhile] == expected


def signed_by(signer: SimpleSigner, digest: bytes) -> Any:
    """In a thread of its own: a browser's tests leave an event loop running here."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(lambda: asyncio.run(_signed(signer, digest))).result()


async def _signed(signer: SimpleSigner, digest: bytes) -> Any:
    return await signer.async_sign(digest, "sha256", use_pades=True)


@pytest.fixture
def signed_page(app: Flask, page: bytes) -> bytes:
    return signing.sign(page, reason="To try", now=clock.now())


@trials(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(data=st.data())
def test_a_flipped_byte_of_what_is_signed_is_noticed(
    signed_page: bytes, data: st.DataObject
) -> None:
    signed = bytearray(signed_page)
    start = signed.index(b"/Contents <")
    at = data.draw(st.integers(0, start))
    signed[at] ^= 1 << data.draw(st.integers(0, 7))
    assert signed_part(bytes(signed)) is None


@pytest.fixture(params=["away", "busy", "nonsense"])
def stamper(request: pytest.FixtureRequest) -> Iterator[signing.TimeStamper]:
    """A time-stamp server that gives none."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # its name is given
            self.send_response(503 if request.param == "busy" else 200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write(b"nonsense")

        def log_message(self, *_values: object) -> None:
            pass

    if request.param == "away":
        yield signing.TimeStamper("http://127.0.0.1:9/")
        return
    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield signing.TimeStamper(f"http://127.0.0.1:{server.server_port}/")
        server.shutdown()


def test_without_a_time_stamp_nothing_is_signed(
    app: Flask, page: bytes, stamper: signing.TimeStamper, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = replace(signing.current_seal(), timestamper=stamper)
    monkeypatch.setitem(app.extensions, "seal", lambda: seal)
    with pytest.raises(DomainError, match=r"server 127\.0\.0\.1 gave no time stamp"):
        signing.sign(page, reason="To try", now=clock.now())


# -- keys ----------------------------------------------------------------------------------------


def test_without_a_setting_a_key_is_made_once_and_kept(tmp_path: Path) -> None:
    files = {signing.own_key(tmp_path) for _ in range(2)}
    held = next(iter(files)).read_bytes()
    assert signing.own_key(tmp_path).read_bytes() == held
    assert [file.name for file in tmp_path.iterdir()] == ["signing.pem"]
    assert (tmp_path / "signing.pem").stat().st_mode & 0o777 == 0o600
    seal = signing.load(settings_for(tmp_path, "sqlite://"))
    assert seal.name == "Interact Events (self-signed)"


def test_processes_that_begin_at_once_agree_on_one_key(tmp_path: Path) -> None:
    with CONTEXT.Pool(2) as pool:
        files = pool.map(signing.own_key, [tmp_path] * 8)
    assert set(files) == {tmp_path / "signing.pem"}
    assert [file.name for file in tmp_path.iterdir()] == ["signing.pem"]


def test_a_key_that_fits_is_taken_from_pem_and_pkcs12(tmp_path: Path) -> None:
    assert load(tmp_path, pem("Office")).name == "Office"
    held = pem("Boxed")
    key = serialization.load_pem_private_key(held, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    certificate = x509.load_pem_x509_certificate(held)
    boxed = serialization.pkcs12.serialize_key_and_certificates(
        b"x", key, certificate, None, serialization.BestAvailableEncryption(b"secret")
    )
    (tmp_path / "key.p12").write_bytes(boxed)
    sealed = settings_for(tmp_path, "sqlite://", signing_key=tmp_path / "key.p12")
    opened = replace(sealed, signing_passphrase=b"secret")
    assert signing.load(opened).name == "Boxed"
    with pytest.raises(SettingError, match="can't be read"):
        signing.load(sealed)


@pytest.mark.parametrize(
    ("held", "hint"),
    [
        (b"", "can't be read"),
        (b"nonsense", "can't be read"),
        (pem("x").partition(b"-----BEGIN CERT")[0], "can't be read"),
        (b"-----BEGIN CERT" + pem("x").partition(b"-----BEGIN CERT")[2], "can't be read"),
        (pem("x", other=True), "does not fit its certificate"),
    ],
)
def test_a_key_that_is_no_use_is_refused_at_start(tmp_path: Path, held: bytes, hint: str) -> None:
    with pytest.raises(SettingError, match=re.escape(hint)):
        load(tmp_path, held)


def test_an_expired_certificate_signs_no_more_but_stays_verifiable(
    app: Flask, page: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seal = load(tmp_path, pem("Old office", days=-1))
    monkeypatch.setitem(app.extensions, "seal", lambda: seal)
    with pytest.raises(DomainError, match="“Old office” expired on"):
        signing.sign(page, reason="To try", now=clock.now())
    before = seal.expires_at - timedelta(days=10)
    signed = signing.sign(page, reason="To try", now=before)
    assert signed_part(signed) == signed


def test_a_new_key_leaves_what_the_former_one_signed_valid(
    app: Flask, page: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed = signing.sign(page, reason="To try", now=clock.now())
    seal = load(tmp_path, pem("New office"))
    monkeypatch.setitem(app.extensions, "seal", lambda: seal)
    assert signed_part(signed) == signed
    assert signing.sign(page, reason="To try", now=clock.now()) != signed
