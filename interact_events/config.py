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
    data_dir: Path
    port: int
    proxies: int
    keep_needs_days: int

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
        data_dir=data_dir,
        port=port,
        proxies=_whole_number(values, "PROXIES", 0),
        keep_needs_days=_whole_number(values, "KEEP_NEEDS_DAYS", 14),
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
