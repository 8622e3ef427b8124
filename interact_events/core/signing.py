"""Signs PDFs (PAdES) with the network's key.

The signing certificate travels inside each file: what was signed with a former key stays
verifiable, and whoever wants to trust it beyond this site installs that certificate.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import structlog
from asn1crypto import cms
from asn1crypto import x509 as asn1
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask, current_app
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers, timestamps
from pyhanko_certvalidator.registry import SimpleCertificateStore

from interact_events.config import SettingError, Settings
from interact_events.core.errors import DomainError

T = TypeVar("T")
log = structlog.get_logger()

OWN_KEY = "signing.pem"  # in the data directory, made where no key is set
YEARS = 20  # how long a key of our own making is valid
MARK = bytes(range(32))  # where the digest of a file will be
DIGEST = "sha256"


class PreparedSigner(signers.SimpleSigner):
    """Encodes once what all signatures have in common: all but the file's digest and what the key
    makes of it. PAdES has no time in there."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._attributes: cms.CMSAttributes | None = None
        self._to_sign = b""
        self._frames: dict[int, tuple[bytes, bytes]] = {}  # by the signature's length

    async def async_sign(  # type: ignore[override]  # bytes are taken as well
        self, data_digest: bytes, digest_algorithm: str, **how: Any
    ) -> cms.ContentInfo | bytes:
        if how.get("dry_run") or how.get("timestamper"):
            return await super().async_sign(data_digest, digest_algorithm, **how)
        if self._attributes is None:
            attributes = await self.signed_attrs(MARK, digest_algorithm, use_pades=True)
            self._to_sign = attributes.dump()
            self._attributes = attributes  # last: another thread may sign as soon as it is there
        signed = self._to_sign.replace(MARK, data_digest)
        signature = await self.async_sign_raw(signed, digest_algorithm)
        before, after = self._frame(len(signature))
        return before.replace(MARK, data_digest) + signature + after

    def _frame(self, length: int) -> tuple[bytes, bytes]:
        if length not in self._frames:
            place = b"\xaa" * length
            whole: bytes = self._package_signature(
                digest_algorithm=DIGEST,
                cms_version="v1",
                signed_attrs=self._attributes,
                signature=place,
                unsigned_attrs=None,
                encap_content_info=None,
            ).dump()
            before, _, after = whole.partition(place)
            self._frames[length] = before, after
        return self._frames[length]


class TimeStamper(timestamps.HTTPTimeStamper):
    """An RFC 3161 server, which may be away, refuse, or answer whatever it likes."""

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except Exception as problem:
            log.exception("no_time_stamp", server=self.url)
            raise DomainError(
                f"The time-stamp server {urlsplit(self.url).hostname} gave no time stamp, so "
                "nothing more was signed. Try again in a few minutes."
            ) from problem


@dataclass(frozen=True)
class Seal:
    """The key with which this installation signs."""

    signer: PreparedSigner
    timestamper: TimeStamper | None

    @property
    def certificate(self) -> asn1.Certificate:
        return self.signer.signing_cert

    @property
    def name(self) -> str:
        return str(self.certificate.subject.native.get("common_name", ""))

    @property
    def expires_at(self) -> datetime:
        return cast("datetime", self.certificate.not_valid_after)

    @cached_property
    def room(self) -> int:
        """How many hexadecimal digits a signature gets: half as much again as a trial took, for
        timestamps differ."""
        trial = self.signer.async_sign(
            MARK, DIGEST, use_pades=True, dry_run=True, timestamper=self.timestamper
        )
        length = len(cast("cms.ContentInfo", _aside(lambda: asyncio.run(trial))).dump())
        return 2 * (length + length // 2)


def sign(pdf: bytes, *, reason: str, now: datetime) -> bytes:
    """The file with a signature over all of it. Refused once the signing certificate expired, or
    without a time stamp where there has to be one."""
    seal = usable_seal(now)
    description = signers.PdfSignatureMetadata(
        field_name="Signature",
        md_algorithm=DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        reason=reason,
    )
    signer = signers.PdfSigner(
        description,
        signer=seal.signer,
        timestamper=seal.timestamper,
        new_field_spec=fields.SigFieldSpec("Signature", box=None),
    )
    file = IncrementalPdfFileWriter(BytesIO(pdf))
    out = _aside(lambda: signer.sign_pdf(file, bytes_reserved=seal.room))
    return bytes(out.getvalue())


def usable_seal(now: datetime) -> Seal:
    """The key, unless its certificate is over."""
    seal = current_seal()
    if now >= seal.expires_at:
        raise DomainError(
            f"The signing certificate “{seal.name}” expired on {seal.expires_at:%d %B %Y}. "
            "Nothing can be signed until SIGNING_KEY names a new one."
        )
    return seal


def _aside(work: Callable[[], T]) -> T:
    """pyHanko starts an event loop: where one is running already, in a thread of its own. Else
    here, as on a busy machine each change of threads has to wait for its turn."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return work()
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(work).result()


# -- the key -------------------------------------------------------------------------------------


def current_seal() -> Seal:
    return cast("Callable[[], Seal]", current_app.extensions["seal"])()


def init_app(app: Flask, settings: Settings) -> None:
    """A key that is named has to be there and fit; one of our own is made when it is first used."""

    @cache
    def seal() -> Seal:
        return load(settings)

    app.extensions["seal"] = seal
    if settings.signing_key:
        seal()


def load(settings: Settings) -> Seal:
    """The key that the settings name, or our own. Raises SettingError with a sentence."""
    file = settings.signing_key or own_key(settings.data_dir)
    try:
        signer = _signer(file, settings.signing_passphrase)
    except (OSError, ValueError, TypeError) as problem:
        raise SettingError(f"SIGNING_KEY: {file} can't be read ({problem}).") from None
    _check_fit(file, signer)
    url = settings.timestamp_url
    return Seal(signer, TimeStamper(url) if url else None)


def _signer(file: Path, passphrase: bytes | None) -> PreparedSigner:
    if file.suffix in (".p12", ".pfx"):
        loaded: signers.SimpleSigner | None
        loaded = signers.SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]  # not typed there
            str(file), passphrase=passphrase
        )
        if loaded is None:
            raise ValueError("wrong passphrase, or no PKCS#12 file")
        return PreparedSigner(loaded.signing_cert, loaded.signing_key, loaded.cert_registry)
    held = file.read_bytes()
    certificates = [
        asn1.Certificate.load(each.public_bytes(serialization.Encoding.DER))
        for each in x509.load_pem_x509_certificates(held)
    ]
    chain = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # not typed there
    chain.register_multiple(certificates[1:])
    return PreparedSigner(certificates[0], _key(held, passphrase), chain)


def _key(pem: bytes, passphrase: bytes | None) -> PrivateKeyInfo:
    key = serialization.load_pem_private_key(pem, passphrase)
    der = key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return PrivateKeyInfo.load(der)


def _check_fit(file: Path, signer: PreparedSigner) -> None:
    """A signature with a key of another certificate would be worth nothing."""
    assert signer.signing_cert
    assert signer.signing_key
    key = serialization.load_der_private_key(signer.signing_key.dump(), None)
    certificate = x509.load_der_x509_certificate(signer.signing_cert.dump())
    if _public(key.public_key()) != _public(certificate.public_key()):
        raise SettingError(f"SIGNING_KEY: the key in {file} does not fit its certificate.")


def _public(key: Any) -> bytes:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    return cast("bytes", key.public_bytes(serialization.Encoding.DER, spki))


def own_key(folder: Path) -> Path:
    """A key made here and a certificate that says so; of two processes one makes it."""
    file = folder / OWN_KEY
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        mine = folder / f".{OWN_KEY}.{os.getpid()}"
        mine.touch(mode=0o600)
        mine.write_bytes(_self_signed(datetime.now(UTC)))
        try:
            os.link(mine, file)
        except FileExistsError:  # the other one was first
            pass
        finally:
            mine.unlink()
    return file


def _self_signed(now: datetime) -> bytes:
    """A P-256 key with its certificate, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Interact Events (self-signed)")])
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ) + certificate.public_bytes(serialization.Encoding.PEM)
