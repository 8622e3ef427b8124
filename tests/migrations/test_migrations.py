"""Every migration goes up and down on both databases, and leaves exactly what the models say."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import check, downgrade, upgrade
from sqlalchemy import func, inspect, select

from interact_events.attendance.models import Presence
from interact_events.certificates.models import Certificate, Ending
from interact_events.certificates.rules import holder_hash
from interact_events.core import clock
from interact_events.core.db import db
from interact_events.events.models import Event, Mode, Session
from interact_events.factory import create_app
from interact_events.interreg.actions import load_reference_data
from interact_events.registrations.models import Needs, Registration, State
from tests import make
from tests.conftest import new_postgresql, settings_for


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database of each kind."""
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        address = new_postgresql(request.getfixturevalue("postgresql_folder"), "empty")
    app = create_app(settings_for(tmp_path, address), queue_in_memory=True)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_migrations_go_up_match_the_models_and_go_down(empty_app: Flask) -> None:
    upgrade()
    check()  # raises where models and tables differ
    assert set(inspect(db.engine).get_table_names()) == {*db.metadata.tables, "alembic_version"}
    downgrade(revision="base")
    assert inspect(db.engine).get_table_names() == ["alembic_version"]
    upgrade()


def test_what_people_have_entered_survives_the_way_down_and_up_again(empty_app: Flask) -> None:
    upgrade()
    load_reference_data()
    event = make.event(mode=Mode.ONLINE)
    row = make.registration(event)
    make.presence(row, event.agenda[0])
    db.session.add(Needs(registration_id=row.id, diet="vegan"))
    newcomer = make.registration(event, state=State.UNCONFIRMED)
    code, email = "7Q4K92MXHD3T0A1BC2D3", row.user.email
    certified = {"facts": {}, "sha256": "", "issued_at": clock.now(), "issued_by_id": row.user_id}
    issued = {"registration_id": row.id, "code": code, "holder_hash": "", **certified}
    db.session.add(Certificate(**issued))
    revoked = {"ending": Ending.REVOKED, "ended_at": clock.now(), "reason": "Never came"}
    other = {"registration_id": newcomer.id, "code": code[::-1], "holder_hash": ""}
    db.session.add(Certificate(**other, **certified, **revoked))
    db.session.commit()
    submitted_at, newcomer_id = newcomer.submitted_at, newcomer.id
    db.session.remove()
    downgrade(revision="0001")
    upgrade()
    counts = {t: db.session.scalar(select(func.count()).select_from(t)) for t in TABLES}
    assert counts == {Event: 1, Session: 1, Registration: 2, Presence: 1, Needs: 1}
    found = db.session.get_one(Registration, newcomer_id)
    assert (found.is_online, found.answer_by) == (True, submitted_at + timedelta(hours=24))
    certificate = db.session.scalars(select(Certificate)).one()
    assert (certificate.code, certificate.holder_hash) == (code, holder_hash(email, code))


TABLES = (Event, Session, Registration, Presence, Needs)
