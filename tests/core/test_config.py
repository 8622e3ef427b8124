from pathlib import Path

import pytest

from interact_events import config
from interact_events.config import DEVELOPMENT_KEY, Mode, SettingError, read_settings

PRODUCTION = {
    "SECRET_KEY": "0123456789abcdef0123456789abcdef",
    "BASE_URL": "https://events.interact.example/",
    "MAIL_URL": "smtp+starttls://user:secret@mail.interact.example:587",
}


def test_production_is_the_default_and_reads_every_variable(tmp_path: Path) -> None:
    settings = read_settings(
        PRODUCTION
        | {
            "DATABASE_URL": "postgresql://localhost/events",
            "REDIS_URL": "redis://localhost/1",
            "MAIL_FROM": "Events <noreply@interact.example>",
            "MAIL_RATE": "14",
            "BOUNCES_URL": "imaps://events:secret@mail.interact.example/INBOX",
            "DATA_DIR": str(tmp_path),
            "PORT": "8000",
            "PROXIES": "1",
            "KEEP_NEEDS_DAYS": "30",
            "SIGNING_KEY": str(Path(__file__)),
            "SIGNING_PASSPHRASE": "pässword",
            "TIMESTAMP_URL": "https://time.example.eu",
            "KEEP_REPORTS_DAYS": "60",
            "KEEP_IDEAS_DAYS": "90",
            "FILES_URL": "s3://key:secret@s3.example.eu/events?region=eu-north-1",
            "MAX_FILE_MB": "40",
        }
    )
    assert settings == config.Settings(
        mode=Mode.PRODUCTION,
        secret_key=PRODUCTION["SECRET_KEY"],
        database_url="postgresql+psycopg://localhost/events",
        redis_url="redis://localhost/1",
        base_url="https://events.interact.example",
        mail_url=PRODUCTION["MAIL_URL"],
        mail_from="Events <noreply@interact.example>",
        mail_rate=14,
        bounces_url="imaps://events:secret@mail.interact.example/INBOX",
        data_dir=tmp_path,
        port=8000,
        proxies=1,
        keep_needs_days=30,
        keep_reports_days=60,
        keep_ideas_days=90,
        files_url="s3://key:secret@s3.example.eu/events?region=eu-north-1",
        max_file_mb=40,
        signing_key=Path(__file__).resolve(),
        signing_passphrase="pässword".encode(),
        timestamp_url="https://time.example.eu",
    )
    assert (settings.is_production, settings.is_https, settings.host) == (
        True,
        True,
        "events.interact.example",
    )


@pytest.mark.parametrize("name", ["SECRET_KEY", "BASE_URL", "MAIL_URL"])
@pytest.mark.parametrize("missing", [None, ""])
def test_production_refuses_to_start_without(name: str, missing: str | None) -> None:
    values = {k: v for k, v in PRODUCTION.items() if k != name}
    if missing is not None:
        values[name] = missing
    with pytest.raises(SettingError) as refusal:
        read_settings(values)
    assert str(refusal.value) == f"{name} is not set. Production does not start without it."


def test_development_needs_nothing(tmp_path: Path) -> None:
    settings = read_settings({"MODE": "development", "DATA_DIR": str(tmp_path)})
    assert (
        settings.secret_key,
        settings.database_url,
        settings.base_url,
        settings.mail_url,
        settings.redis_url,
        settings.keep_needs_days,
    ) == (
        DEVELOPMENT_KEY,
        f"sqlite:///{tmp_path / 'interact-events.sqlite'}",
        "http://127.0.0.1:5000",
        None,
        None,
        14,
    )


def test_port_is_part_of_the_usual_address() -> None:
    assert read_settings({"MODE": "demo", "PORT": "5123"}).base_url == "http://127.0.0.1:5123"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "producton"),
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("PROXIES", "1.5"),
        ("KEEP_NEEDS_DAYS", "two weeks"),
        ("DATABASE_URL", "mysql://localhost/events"),
        ("DATABASE_URL", "events.sqlite"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("DATABASE_URL", "sqlite:///file:events?mode=memory&uri=true"),
        ("REDIS_URL", "localhost:6379"),
        ("BASE_URL", "events.interact.example"),
        ("BASE_URL", "ftp://events.interact.example"),
        ("BASE_URL", "https://"),
        ("MAIL_URL", "mail.interact.example"),
        ("MAIL_URL", "http://mail.interact.example"),
    ],
)
def test_bad_value_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=f"^{name} must "):
        read_settings(PRODUCTION | {name: value})


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_each_spelling_of_postgresql_means_the_installed_driver(scheme: str) -> None:
    settings = read_settings(PRODUCTION | {"DATABASE_URL": f"{scheme}://u:p@db:5432/events"})
    assert settings.database_url == "postgresql+psycopg://u:p@db:5432/events"


def test_sqlite_stays_as_it_is() -> None:
    settings = read_settings(PRODUCTION | {"DATABASE_URL": "sqlite:////srv/events.sqlite"})
    assert settings.database_url == "sqlite:////srv/events.sqlite"


@pytest.fixture
def dotenv(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("KEEP_NEEDS_DAYS=3\nPORT=5999\n")
    monkeypatch.setattr(config, "ROOT", tmp_path)
    for name in ("MODE", "PORT", "KEEP_NEEDS_DAYS", *PRODUCTION):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("dotenv")
def test_development_reads_dotenv_below_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "development")
    monkeypatch.setenv("PORT", "5001")
    settings = read_settings()
    assert (settings.keep_needs_days, settings.port) == (3, 5001)


@pytest.mark.usefixtures("dotenv")
def test_production_reads_no_dotenv(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PRODUCTION.items():
        monkeypatch.setenv(name, value)
    assert read_settings().keep_needs_days == 14


@pytest.mark.parametrize(
    "address",
    ["s3://host/bucket", "s3://key:secret@host", "s3://key:secret@host/", "s3://k:s@host/a/b"],
)
def test_a_storage_that_can_not_be_reached_stops_the_start(address: str) -> None:
    with pytest.raises(SettingError, match="FILES_URL must look like s3://key:secret@host/bucket"):
        read_settings({"MODE": "development", "FILES_URL": address})


@pytest.mark.parametrize("size", ["0", "2001", "ten"])
def test_a_size_of_files_that_makes_no_sense_stops_the_start(size: str) -> None:
    with pytest.raises(SettingError, match="MAX_FILE_MB must be a whole number"):
        read_settings({"MODE": "development", "MAX_FILE_MB": size})
