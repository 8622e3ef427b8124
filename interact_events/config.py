"""Settings: read once from the environment, checked at start."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent
DEVELOPMENT_KEY = "only-for-development-and-never-secret"


class SettingError(Exception):
    """A setting that the program cannot start with; the text names the variable."""


class Mode(StrEnum):
    """How the program is run; anything but production is for one's own machine."""

    PRODUCTION = "production"
    DEVELOPMENT = "development"
    DEMO = "demo"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between two installations."""

    mode: Mode
    secret_key: str
    database_url: str
    redis_url: str | None
    base_url: str
    mail_url: str | None
    mail_from: str
    mail_rate: int
    bounces_url: str | None
    data_dir: Path
    port: int
    proxies: int
    keep_needs_days: int
    keep_reports_days: int
    keep_ideas_days: int
    files_url: str | None
    max_file_mb: int
    signing_key: Path | None
    signing_passphrase: bytes | None
    timestamp_url: str | None

    @property
    def is_production(self) -> bool:
        return self.mode is Mode.PRODUCTION

    @property
    def is_demo(self) -> bool:
        return self.mode is Mode.DEMO

    @property
    def is_https(self) -> bool:
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """The host that people type, which makes stored UIDs unique in the world."""
        return urlsplit(self.base_url).hostname or "localhost"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (default: the process's, with `.env` in development).

    Raises SettingError with a sentence that names the variable.
    """
    values = _with_dotenv(os.environ) if environ is None else environ
    mode = _mode(values)
    port = _whole_number(values, "PORT", 5000)
    data_dir = Path(values.get("DATA_DIR") or ROOT / "instance").resolve()
    return Settings(
        mode=mode,
        secret_key=_needed(values, "SECRET_KEY", mode, DEVELOPMENT_KEY),
        database_url=_database_url(values, data_dir),
        redis_url=_url(values, "REDIS_URL", ("redis", "rediss", "unix")),
        base_url=_base_url(values, mode, port),
        mail_url=_mail_url(values, mode),
        mail_from=values.get("MAIL_FROM") or "Interact Events <events@interact.example>",
        mail_rate=_whole_number(values, "MAIL_RATE", 0),
        bounces_url=_bounces_url(values),
        data_dir=data_dir,
        port=port,
        proxies=_whole_number(values, "PROXIES", 0),
        keep_needs_days=_whole_number(values, "KEEP_NEEDS_DAYS", 14),
        keep_reports_days=_whole_number(values, "KEEP_REPORTS_DAYS", 30),
        keep_ideas_days=_whole_number(values, "KEEP_IDEAS_DAYS", 180),
        files_url=_files_url(values),
        max_file_mb=_file_size(values),
        signing_key=_file(values, "SIGNING_KEY"),
        signing_passphrase=(values.get("SIGNING_PASSPHRASE") or "").encode() or None,
        timestamp_url=_url(values, "TIMESTAMP_URL", ("http", "https")),
    )


def _with_dotenv(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The environment wins over `.env`, which production never reads."""
    if environ.get("MODE", Mode.PRODUCTION) == Mode.PRODUCTION:
        return environ
    return {k: v for k, v in dotenv_values(ROOT / ".env").items() if v is not None} | dict(environ)


def _mode(values: Mapping[str, str]) -> Mode:
    try:
        return Mode(values.get("MODE") or Mode.PRODUCTION)
    except ValueError:
        raise SettingError(
            f"MODE must be one of {', '.join(Mode)}, but is {values['MODE']!r}."
        ) from None


def _needed(values: Mapping[str, str], name: str, mode: Mode, fallback: str) -> str:
    """A value that production cannot do without."""
    value = values.get(name)
    if value:
        return value
    if mode is Mode.PRODUCTION:
        raise SettingError(f"{name} is not set. Production does not start without it.")
    return fallback


def _whole_number(values: Mapping[str, str], name: str, fallback: int) -> int:
    value = values.get(name) or str(fallback)
    if not value.isdecimal() or int(value) > 65535:
        raise SettingError(f"{name} must be a whole number from 0 to 65535, but is {value!r}.")
    return int(value)


def _url(values: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = values.get(name) or None
    if value and urlsplit(value).scheme not in schemes:
        raise SettingError(f"{name} must start with {' or '.join(f'{s}:' for s in schemes)}.")
    return value


def _database_url(values: Mapping[str, str], data_dir: Path) -> str:
    """Both usual spellings of a PostgreSQL address mean the one driver that is installed."""
    schemes = ("sqlite", "postgres", "postgresql", "postgresql+psycopg")
    value = _url(values, "DATABASE_URL", schemes)
    if value is None:
        return f"sqlite:///{data_dir / 'interact-events.sqlite'}"
    scheme, rest = value.split(":", 1)
    if scheme == "sqlite" and (rest.strip("/") in ("", ":memory:") or "mode=memory" in rest):
        raise SettingError("DATABASE_URL must name a file: web and worker share what is in it.")
    return value if scheme == "sqlite" else f"postgresql+psycopg:{rest}"


def _base_url(values: Mapping[str, str], mode: Mode, port: int) -> str:
    value = _needed(values, "BASE_URL", mode, f"http://127.0.0.1:{port}")
    _url({"BASE_URL": value}, "BASE_URL", ("http", "https"))
    if not urlsplit(value).hostname:
        raise SettingError("BASE_URL must name a host, as in https://events.example.org.")
    return value.rstrip("/")


def _mail_url(values: Mapping[str, str], mode: Mode) -> str | None:
    """Development keeps its mails to read under /dev/mail; production has to send them."""
    value = _url(values, "MAIL_URL", ("smtp", "smtps", "smtp+starttls"))
    if value is None and mode is Mode.PRODUCTION:
        _needed(values, "MAIL_URL", mode, "")
    return value


def _files_url(values: Mapping[str, str]) -> str | None:
    """Where uploaded files are kept, if not in the data directory."""
    value = _url(values, "FILES_URL", ("s3", "s3+http"))
    if value is None:
        return None
    parts = urlsplit(value)
    bucket = parts.path.strip("/")
    if not (parts.username and parts.password and parts.hostname and bucket) or "/" in bucket:
        raise SettingError("FILES_URL must look like s3://key:secret@host/bucket.")
    return value


def _file_size(values: Mapping[str, str]) -> int:
    value = _whole_number(values, "MAX_FILE_MB", 25)
    if not 1 <= value <= 2000:
        raise SettingError("MAX_FILE_MB must be a whole number from 1 to 2000.")
    return value


def _file(values: Mapping[str, str], name: str) -> Path | None:
    value = values.get(name)
    if not value:
        return None
    if not Path(value).is_file():
        raise SettingError(f"{name} must name a file, but there is none at {value}.")
    return Path(value).resolve()


def _bounces_url(values: Mapping[str, str]) -> str | None:
    """The mailbox of MAIL_FROM, where mail servers report what they could not deliver."""
    value = _url(values, "BOUNCES_URL", ("imaps", "imap+starttls", "imap"))
    if value and not (urlsplit(value).hostname and urlsplit(value).username):
        raise SettingError("BOUNCES_URL must be like imaps://user:password@mail.example.org/INBOX.")
    return value
